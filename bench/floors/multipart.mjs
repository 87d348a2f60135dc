// Floor of a big upload: bare node:http that reads a multipart body of one part with SHA-256 and fsync, the fastest way
// known to us: 'data' events, one gathered write in flight. It trusts its client. A module for `Remote`.
import { createHash } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { listen } from '../support/listen.mjs';
import { answerCalls } from '../support/remote.mjs';

const WRITE_SIZE = 1024 * 1024;

/** @returns the URL of a server that stores each body it gets as one file */
async function open(directory) {
  let count = 0;
  const server = createServer(async (request, response) => {
    const path = join(directory, `floor-${(count += 1)}`);
    const sha256 = await receive(request, path);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ path, sha256 }));
  });
  server.requestTimeout = 0;
  return listen(server);
}

async function receive(request, path) {
  const [, boundary] = /boundary=(.+)/.exec(request.headers['content-type']) ?? [];
  const tail = `\r\n--${boundary}--\r\n`.length;
  const handle = await openFile(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let left = -1;
  let gathered = [];
  let size = 0;
  /** @type {Promise<unknown>} */
  let writing = Promise.resolve();
  const flush = () => {
    const buffers = gathered;
    gathered = [];
    size = 0;
    return handle.writev(buffers);
  };
  const take = (chunk) => {
    const bytes = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= bytes.length;
    if (bytes.length === 0) return;
    hash.update(bytes);
    gathered.push(bytes);
    size += bytes.length;
    if (size < WRITE_SIZE) return;
    request.pause();
    void writing.then(() => {
      writing = flush();
      request.resume();
    });
  };
  request.on('data', (chunk) => {
    if (left >= 0) return take(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    left = Number(request.headers['content-length']) - (end + 4) - tail;
    take(head.subarray(end + 4));
  });
  await once(request, 'end');
  await writing;
  if (gathered.length > 0) await flush();
  await handle.sync();
  await handle.close();
  return hash.digest('hex');
}

answerCalls({ open });
