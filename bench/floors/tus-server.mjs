// Peer of uploads in parts: the server that tus's own people make, with its file store. It neither hashes nor syncs.
// A module for `Remote`.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { answerCalls } from '../support/remote.mjs';

/** @returns the URL of a server that keeps uploads in the directory */
async function open(directory) {
  const tus = new Server({ path: '/files', datastore: new FileStore({ directory }) });
  const server = createServer((request, response) => tus.handle(request, response));
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

/** Milliseconds of processor time that this process has taken. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

answerCalls({ open, processorTime });
