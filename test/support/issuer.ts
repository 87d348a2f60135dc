import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Client } from './client.js';
import { freePort } from './ports.js';

const SCRIPT = join(import.meta.dirname, 'issuer.mjs');

/** Cookies of one browser for one host. */
class Jar {
  private readonly cookies = new Map<string, string>();

  async fetch(url: string): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

/** An OpenID provider on this machine, as a process that can be away. */
export class Issuer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly options: object,
  ) {}

  /** @param callback where it sends people back to @param options of issuer.mjs */
  static async create(
    callback: string,
    options: { clockOffsetMs?: number; clientSecret?: string } = {},
  ): Promise<Issuer> {
    const port = await freePort();
    return new Issuer(`http://127.0.0.1:${port}`, { port, callback, ...options });
  }

  async start(): Promise<void> {
    this.child = spawn(process.execPath, [SCRIPT, JSON.stringify(this.options)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(this.child.stdout!, 'data');
  }

  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Logs a person in at the issuer, as one with a browser of his own. @returns where he is sent back to */
  async logIn(address: string, person: string): Promise<string> {
    const jar = new Jar();
    let url = address;
    for (let hop = 0; hop < 10; hop++) {
      const response = await jar.fetch(url);
      const location = response.headers.get('location');
      if (!location) throw new Error(`${url}: ${response.status} ${await response.text()}`);
      const next = new URL(location, url);
      if (next.origin !== this.url) return next.href;
      if (next.pathname.startsWith('/interaction/')) next.searchParams.set('person', person);
      url = next.href;
    }
    throw new Error(`${address} leads nowhere`);
  }
}

/** A drive that somebody comes to whom it does not know. */
interface Door {
  anonymous(): Client;
}

/** A log-in at the drive that has begun: where to go, and the cookie by which the browser is known again. */
export interface Begun {
  readonly address: string;
  readonly cookie: string;
}

/** Goes to the log-in by the provider. */
export async function beginLogIn(drive: Door, back?: string): Promise<Begun> {
  const query = back === undefined ? '' : `?${new URLSearchParams({ back })}`;
  const response = await drive.anonymous().fetch(`/api/auth/oidc${query}`, { redirect: 'manual' });
  if (response.status !== 303) throw new Error(`${response.status} ${await response.text()}`);
  return { address: response.headers.get('location')!, cookie: cookieIn(response, 'defdrive-oidc')! };
}

/** Comes back from the provider. */
export function comeBack(drive: Door, address: string, cookie: string | undefined): Promise<Response> {
  const { pathname, search } = new URL(address);
  const headers = cookie === undefined ? {} : { headers: { cookie } };
  return drive.anonymous().fetch(`${pathname}${search}`, { redirect: 'manual', ...headers });
}

/** The cookie of that name that an answer sets, as it is sent back; none where it sets none, or clears it. */
export function cookieIn(response: Response, name: string): string | undefined {
  const line = response.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
  const pair = line?.split(';')[0];
  return pair === undefined || pair.endsWith('=') ? undefined : pair;
}
