import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { uploadHead } from '../../crash/support/requests.js';
import { openProbe } from '../../support/probe.js';
import { until } from '../../support/until.js';
import type { Cluster } from './cluster.js';

const SIZE = 6_000_000;
const END = '\r\n--b--\r\n';
/** Milliseconds for an answer to what was thawed. */
const ANSWER_MS = 30_000;

/**
 * Uploads half a file to a server, freezes it until another one has taken the upload over, thaws it and sends the rest.
 * @returns the first line of its answer, or why there is none
 */
export async function uploadAroundAFreeze({ members, people, engines }: Cluster, name: string): Promise<string> {
  const [member] = members;
  const probe = await openProbe({ dataDir: '', databaseUrl: engines.databases.at(-1)! });
  const there = async () => (await probe.rows('SELECT id FROM files WHERE name = ?', [name])).length > 0;
  const socket = connect(member!.port, '127.0.0.1');
  const closed = once(socket, 'close').then(
    () => 'closed',
    (error: unknown) => String(error),
  );
  const head = uploadHead(people[0]!.client.token!, name, 0);
  const body = head.slice(head.indexOf('\r\n\r\n') + 4).length + SIZE + END.length;
  socket.write(uploadHead(people[0]!.client.token!, name, body));
  socket.write(Buffer.alloc(SIZE / 2, name));
  await until(there);
  member!.signal('SIGSTOP');
  try {
    await until(async () => !(await there()));
  } finally {
    member!.signal('SIGCONT');
  }
  const answered = once(socket, 'data').then(
    ([data]: Buffer[]) => data!.toString().split('\r\n')[0]!,
    (error: unknown) => String(error),
  );
  socket.write(Buffer.alloc(SIZE / 2, name));
  socket.write(END);
  const outcome = await Promise.race([answered, closed, delay(ANSWER_MS, 'silence', { ref: false })]);
  socket.destroy();
  await probe.close();
  return outcome;
}
