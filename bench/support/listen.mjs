// Where a floor's own server is to be reached.
import { once } from 'node:events';

/** Has a server listen on a port that is free. @param {import('node:net').Server} server @returns its URL */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}
