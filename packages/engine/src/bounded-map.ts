/** A Map that forgets what was set longest ago beyond a limit, so that an engine can run for weeks. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.size >= this.#limit;
  }

  override set(key: Key, value: Value): this {
    this.delete(key);
    if (this.isFull) {
      for (const oldest of this.keys()) {
        this.delete(oldest);
        break;
      }
    }
    return super.set(key, value);
  }
}
