// A load of requests that wrk cannot make: each one once, with a body of any size, from clients that keep their connection.
// A module for `Remote`.
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { Connection, filling } from './connection.mjs';
import { answerCalls } from './remote.mjs';
import { quantile } from './statistics.mjs';

/**
 * @typedef {{ head: string, size: number, tail: string }} Body two texts, and so many bytes of filling between them
 * @typedef {{ method: string, path: string, headers?: Record<string, string | number>, body?: Body }} Request
 */

/**
 * Sends each of the requests once, so many at a time.
 * @param {{ url: string, clients: number, requests: Request[], status: number }} load `status` is that of every answer; any
 * other is an error
 * @returns requests per second, and latencies in milliseconds
 */
async function send({ url, clients, requests, status }) {
  const queue = requests.values();
  const latencies = [];
  const began = performance.now();
  const work = async () => {
    const connection = new Connection(url);
    for (const one of queue) {
      const start = performance.now();
      const answer = await connection.exchange(one);
      latencies.push(performance.now() - start);
      if (answer.status !== status) throw new Error(`${answer.status} from ${one.method} ${one.path}: ${answer.text}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: clients }, work));
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: requests.length / seconds, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

/** Sends one request over and over for some seconds. */
async function repeat({ url, clients, seconds, request: one, status }) {
  let count = 0;
  const deadline = performance.now() + seconds * 1000;
  const work = async () => {
    const connection = new Connection(url);
    for (; performance.now() < deadline; count += 1) {
      const answer = await connection.exchange(one);
      if (answer.status !== status) throw new Error(`${answer.status} from ${one.method} ${one.path}: ${answer.text}`);
    }
    connection.close();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, work));
  return { perSecond: (count * 1000) / (performance.now() - began) };
}

/**
 * Uploads by tus 1.0, part after part.
 * @param path where uploads are begun @param size bytes in all @param part bytes of each request
 * @returns uploads per second
 */
async function sendParts({ url, path, headers, name, size, part }) {
  const connection = new Connection(url);
  const began = performance.now();
  const all = { ...headers, 'tus-resumable': '1.0.0' };
  const metadata = { 'upload-length': size, 'upload-metadata': `filename ${Buffer.from(name).toString('base64')}` };
  const begun = await connection.exchange({
    method: 'POST',
    path,
    headers: { ...all, ...metadata, 'content-length': 0 },
  });
  if (begun.status !== 201) throw new Error(`${begun.status} from ${path}: ${begun.text}`);
  const [, location = ''] = /\r\nlocation: *(\S+)/i.exec(begun.head) ?? [];
  const address = new URL(location, url).pathname;
  const type = { 'content-type': 'application/offset+octet-stream' };
  for (let offset = 0; offset < size; offset += part) {
    const body = { head: '', size: Math.min(part, size - offset), tail: '' };
    const one = { method: 'PATCH', path: address, headers: { ...all, ...type, 'upload-offset': offset }, body };
    const answer = await connection.exchange(one);
    if (answer.status !== 204) throw new Error(`${answer.status} from ${address}: ${answer.text}`);
  }
  connection.close();
  return { perSecond: 1000 / (performance.now() - began) };
}

/** SHA-256 in hex of so many bytes of filling. */
function hashOfFilling(size) {
  const hash = createHash('sha256');
  for (const piece of filling(size)) hash.update(piece);
  return hash.digest('hex');
}

/** Downloads and gives the SHA-256 in hex of what came. */
function hashOf({ url, path, headers }) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    request(url + path, { headers })
      .on('error', reject)
      .on('response', (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode} from ${path}`));
        answer.on('data', (part) => hash.update(part)).on('end', () => resolve(hash.digest('hex')));
        answer.on('error', reject);
      })
      .end();
  });
}

answerCalls({ send, sendParts, repeat, hashOf, hashOfFilling });
