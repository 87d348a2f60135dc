// GETs by wrk, which costs less than what it measures.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { commandPath } from './engines.mjs';

const UNITS = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
const BYTES = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/**
 * Loads a URL for some seconds.
 * @param {string} url
 * @param {{ clients: number, seconds: number, token?: string, cookie?: string }} options a bearer token, or instead a cookie as a browser sends it
 * @returns requests per second, bytes per second, and latencies in milliseconds
 * @throws Error when any answer is not 200 or a connection fails
 */
export async function wrk(url, { clients, seconds, token, cookie }) {
  const known = token ? { authorization: `Bearer ${token}` } : cookie ? { cookie } : {};
  await requireOk(url, known);
  const headers = Object.entries(known).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const options = ['-t', '1', '-c', String(clients), '-d', `${seconds}s`, '--timeout', '60s', '--latency', ...headers];
  const { stdout } = await promisify(execFile)(commandPath('wrk'), [...options, url]);
  if (/Non-2xx or 3xx|Socket errors/.test(stdout)) throw new Error(`Wrong answers from ${url}:\n${stdout}`);
  const [, transfer, unit = ''] = /Transfer\/sec:\s+([\d.]+)([KMG]?B)/.exec(stdout) ?? [];
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    bytesPerSecond: Number(transfer) * BYTES[unit],
    p50: latency(stdout, '50%'),
    p99: latency(stdout, '99%'),
  };
}

/** wrk takes any 2xx and 3xx, and says nothing of an answer that is still under way when its time is over. */
export async function requireOk(url, headers) {
  const answer = await fetch(url, { headers: { ...headers, connection: 'close' } });
  await answer.body?.cancel();
  if (answer.status !== 200) throw new Error(`${answer.status} from ${url}`);
}

function latency(output, quantile) {
  const [, value, unit = ''] = new RegExp(`${quantile}\\s+([\\d.]+)(us|ms|s|m)`).exec(output) ?? [];
  return Number(value) * UNITS[unit];
}
