import { Client } from '../../support/client.js';

/** Milliseconds in which every request is answered or broken off, whatever fails: HAProxy's minute, and what a machine under load needs. */
export const LIMIT_MS = 75_000;
/** Answers without a body, which no response may be given. */
const EMPTY = new Set([204, 205, 304]);

/** To whom a client tells what it sees. */
export interface Told {
  /** What may never be. */
  found(finding: string): void;
  /** No answer, or one of a failure: as it may be while something fails. */
  trouble(what: string): void;
}

/** A client with a time limit. What hangs for longer is a finding. */
export class PatientClient extends Client {
  constructor(
    url: string,
    private readonly told: Told,
    token?: string,
    /** Milliseconds. */
    private readonly limit = LIMIT_MS,
  ) {
    super(url, token);
  }

  override async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const what = `${init.method ?? 'GET'} ${path}`;
    const limit = new AbortController();
    const timer = setTimeout(() => {
      this.told.found(`I14 ${what} was not answered within ${this.limit / 1000} s`);
      limit.abort();
    }, this.limit);
    try {
      const response = await super.fetch(path, { ...init, signal: limit.signal });
      const { status, headers } = response;
      const body = await response.arrayBuffer();
      if (status >= 500) this.told.trouble(`${what}: ${status}`);
      return new Response(EMPTY.has(status) ? null : body, { status, headers });
    } catch (error) {
      this.told.trouble(`${what}: ${String((error as Error).cause ?? error)}`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  override async logIn(username: string, password?: string): Promise<PatientClient> {
    const { token } = await super.logIn(username, password);
    const client = new PatientClient(this.url, this.told, token);
    client.username = username;
    return client;
  }
}
