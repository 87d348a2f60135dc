// A line to a port of loopback on which every byte is late, as one to a store in another place. A module for `Remote`.
import { connect, createServer } from 'node:net';
import { listen } from './listen.mjs';
import { answerCalls } from './remote.mjs';

/** @param {number} target port @param {number} ms that a byte takes each way @returns its URL */
async function open(target, ms) {
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    carry(client, upstream, ms);
    carry(upstream, client, ms);
  });
  return listen(server);
}

/** Timers of one length go off in the order in which they were set, so that bytes stay in theirs. */
function carry(from, to, ms) {
  from.setNoDelay(true);
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), ms));
  from.on('end', () => setTimeout(() => to.end(), ms));
  from.on('error', () => to.destroy());
}

answerCalls({ open });
