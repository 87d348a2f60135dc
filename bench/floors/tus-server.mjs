// Peer of uploads in parts: the server that tus's own people make, with its file store. It neither hashes nor syncs.
// A module for `Remote`.
import { createServer } from 'node:http';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { listen } from '../support/listen.mjs';
import { answerCalls } from '../support/remote.mjs';

/** @returns the URL of a server that keeps uploads in the directory */
async function open(directory) {
  const tus = new Server({ path: '/files', datastore: new FileStore({ directory }) });
  const server = createServer((request, response) => tus.handle(request, response));
  server.requestTimeout = 0;
  return listen(server);
}

/** Milliseconds of processor time that this process has taken. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

answerCalls({ open, processorTime });
