/**
 * Reads that may take long: they are carried out beside all others, and take neither the thread that answers requests nor
 * the connections that these need. Whoever reads a lot asks for it in pieces, so that others come in between.
 */
export abstract class SlowReads {
  /**
   * Runs a query and gives its rows as the driver has them.
   * @throws DatabaseUnavailableError when it cannot be carried out now
   */
  abstract query<Row>(sql: string, parameters: readonly (string | number)[]): Promise<Row[]>;

  abstract close(): Promise<void>;
}
