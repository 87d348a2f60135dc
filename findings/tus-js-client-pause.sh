#!/usr/bin/env bash
# tus-js-client 4.3.1 (npm), paused and gone on with as its documentation has it: `await upload.abort()`, then `upload.start()`.
# abort() resolves before the request that it ends has failed, and that failure is taken for a new one, since start() has
# said by then that nothing is aborted: it is tried again after the first of retryDelays, beside what start() has begun. Two
# now work on one upload. The second comes too late as a rule, finds that all is there, and calls onSuccess once more. Where
# the file has been taken away meanwhile (a program that moves or deletes what has arrived), it is answered 404, creates the
# upload anew, and sends all of it again: a file that was deleted is back. With a start() some milliseconds later, or without
# retryDelays, there is one.
# Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund tus-js-client@4.3.1
cat > check.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Upload } from 'tus-js-client';

const SIZE = 8_000_000;

/** Uploads, pauses in the middle of the only part, goes on after so many milliseconds, and deletes what has arrived. */
async function tell(pauseMs) {
  const files = new Map();
  const asked = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    asked.push(method);
    response.setHeader('Tus-Resumable', '1.0.0');
    if (method === 'POST') {
      files.set(`/files/${files.size + asked.length}`, { received: 0, length: Number(headers['upload-length']) });
      return response.writeHead(201, { Location: [...files.keys()].at(-1) }).end();
    }
    const file = files.get(url);
    if (!file) return response.writeHead(404).end();
    // One request at a time: who asks how far it is waits for the one before.
    const before = file.turn;
    let done;
    file.turn = new Promise((resolve) => (done = resolve));
    await before;
    try {
      if (method === 'PATCH')
        for await (const { length } of request) {
          file.received += length;
          // A line on which a part takes a moment.
          await delay(1);
        }
    } catch {
      return;
    } finally {
      done();
    }
    response.writeHead(method === 'HEAD' ? 200 : 204, { 'Upload-Offset': file.received, 'Upload-Length': file.length }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let successes = 0;
  let paused = false;
  const upload = new Upload(Buffer.alloc(SIZE), {
    endpoint: `http://127.0.0.1:${server.address().port}/files`,
    retryDelays: [1_000, 1_000, 1_000],
    onBeforeRequest(request) {
      if (paused || request.getMethod() !== 'PATCH') return;
      paused = true;
      setTimeout(async () => {
        await upload.abort();
        if (pauseMs > 0) await delay(pauseMs);
        upload.start();
      }, 20);
    },
    onSuccess() {
      successes += 1;
      if (successes === 1) files.clear();
    },
    onError: (error) => console.log(error.message),
  });
  upload.start();
  await delay(4_000);
  server.close();
  server.closeAllConnections();
  const creations = asked.filter((method) => method === 'POST').length;
  console.log(`start() ${pauseMs} ms after abort(): ${asked.join(', ')}; ${successes} times onSuccess, ${files.size} files left`);
  return `${creations} ${successes} ${files.size}`;
}

const seen = [await tell(0), await tell(50)];
process.exit(String(seen) === '2 2 1,1 1 0' ? 0 : 1);
JS
node check.mjs
