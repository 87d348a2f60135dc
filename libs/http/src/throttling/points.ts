/** Where the points of a limit are counted, by key, each in a window of time that begins with the first point taken. */
export interface Points {
  /**
   * Takes a point where one is left. However many take at once, on however many servers that count together, no more
   * are given than the rate has.
   * @returns milliseconds until the window ends, where none was left: then none was taken
   */
  take(key: string): Promise<number | undefined>;

  /** How many points are taken. */
  taken(key: string): Promise<number>;

  /** Undoes one `take`. Never rejects: what could not be undone counts until the window ends. */
  giveBack(key: string): Promise<void>;
}
