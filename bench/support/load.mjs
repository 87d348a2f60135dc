// A load of requests that wrk cannot make: each one once, with a body of any size, from clients that keep their connection.
// A module for `Remote`.
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { answerCalls } from './remote.mjs';
import { quantile } from './statistics.mjs';

const MIB = 1024 * 1024;
const CHUNK = Buffer.alloc(MIB, 'defdrive');

/**
 * Sends each of the requests once, so many at a time.
 * @param requests `{method, path, headers, body: {head, size, tail}}`; the body's middle is `size` bytes of filling
 * @param status of every answer; any other is an error
 * @returns requests per second, and latencies in milliseconds
 */
async function send({ url, clients, requests, status }) {
  const queue = requests.values();
  const latencies = [];
  const began = performance.now();
  const work = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const one of queue) {
      const start = performance.now();
      const answer = await exchange(url, agent, one);
      latencies.push(performance.now() - start);
      if (answer.status !== status) throw new Error(`${answer.status} from ${one.method} ${one.path}: ${answer.text}`);
    }
    agent.destroy();
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
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (; performance.now() < deadline; count += 1) {
      const answer = await exchange(url, agent, one);
      if (answer.status !== status) throw new Error(`${answer.status} from ${one.method} ${one.path}: ${answer.text}`);
    }
    agent.destroy();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, work));
  return { perSecond: (count * 1000) / (performance.now() - began) };
}

function exchange(url, agent, { method, path, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const length = body ? { 'content-length': body.head.length + body.size + body.tail.length } : {};
    const message = request(url + path, { method, agent, headers: { ...headers, ...length } });
    message.on('error', reject).on('response', (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
      answer.on('error', reject);
    });
    if (!body) message.end();
    else if (body.size < MIB) message.end(body.head + CHUNK.toString('latin1', 0, body.size) + body.tail, 'latin1');
    else pump(message, body);
  });
}

function pump(message, { head, size, tail }) {
  let left = size;
  message.write(head);
  const more = () => {
    for (let room = true; left > 0 && room; left -= MIB) room = message.write(CHUNK.subarray(0, Math.min(left, MIB)));
    if (left > 0) message.once('drain', more);
    else message.end(tail);
  };
  more();
}

/** SHA-256 in hex of so many bytes of filling. */
function hashOfFilling(size) {
  const hash = createHash('sha256');
  for (let left = size; left > 0; left -= MIB) hash.update(CHUNK.subarray(0, Math.min(left, MIB)));
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

answerCalls({ send, repeat, hashOf, hashOfFilling });
