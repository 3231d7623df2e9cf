/** First in, first out, in constant time: an array's own `shift` would move all that is left. */
export class Queue<Item> {
  #items: Item[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The oldest, at most `count` of them. */
  first(count: number): Item[] {
    return this.#items.slice(this.#head, this.#head + count);
  }

  /** Lets go of the oldest. */
  drop(count: number): void {
    this.#head = Math.min(this.#head + count, this.#items.length);
    // Once as much is gone as is left, the copy is paid for.
    if (this.#head >= this.size) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
