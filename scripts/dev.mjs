// The server and the page, each made anew at every change: the page at the address that Vite prints, which hands the
// API's requests on to the server.
import { spawn } from 'node:child_process';

const programs = [
  ['nest', 'start', 'api', '--watch', '--preserveWatchOutput'],
  ['vite', 'apps/web', '--clearScreen', 'false'],
].map((args) => spawn('npx', args, { stdio: 'inherit' }));

/** Where one ends, the other is of no use. */
function end() {
  for (const program of programs) program.kill();
}

for (const program of programs) program.once('exit', end);
process.once('SIGINT', end);
process.once('SIGTERM', end);
