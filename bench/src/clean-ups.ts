/** What has been started and must be stopped, whatever happens. */
export class CleanUps {
  readonly #stops: (() => Promise<unknown>)[] = [];

  add(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  /** Stops the last one first; one that fails keeps no other from being stopped. */
  async run(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      await stop().catch((error: unknown) => console.error(`not stopped cleanly: ${error}`));
    }
  }
}
