import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { RawClient } from '../support/raw.js';
import { parallel, tally } from '../support/sharing.js';

let alice: Client;
const raws: RawClient[] = [];
const drive = driveFixture({}, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});
afterEach(() => raws.splice(0).forEach((raw) => raw.destroy()));

const LENGTH = 4_000_000;
const TAIL = '\r\n--b--\r\n';

/** Begins an upload by a client that then says nothing more, as one that has lost its network. */
async function begin(name: string): Promise<RawClient> {
  const raw = await RawClient.connect(drive.url);
  raws.push(raw);
  const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  raw.send(
    ...['POST /api/upload HTTP/1.1', 'Host: x', `Authorization: Bearer ${alice.token}`],
    ...['Content-Type: multipart/form-data; boundary=b', `Content-Length: ${head.length + LENGTH + TAIL.length}`],
    ...['', head],
  );
  raw.socket.write(Buffer.alloc(LENGTH / 2, 'x'));
  for (;;) {
    const rows = await drive.probe.rows("SELECT id FROM files WHERE state = 'pending' AND name = ?", [name]);
    // What is on its way has arrived soon after; silence begins then.
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (rows.length === 1) return raw;
  }
}

const rowsOf = (name: string) => drive.probe.rows('SELECT state, sha256 FROM files WHERE name = ?', [name]);

it('an upload whose line was dropped is tried again at once, and succeeds', async () => {
  const dead = await begin('IMG_0001.HEIC');
  const { status, body } = await alice.upload('img_0001.heic', 'the whole photo');
  expect([status, body.file.sha256]).toEqual([200, sha256('the whole photo')]);
  expect(await rowsOf('img_0001.heic')).toEqual([{ state: 'live', sha256: sha256('the whole photo') }]);
  expect(await rowsOf('IMG_0001.HEIC')).toEqual([]);
  // Whoever was only slow is told what became of the name.
  expect(await dead.answer()).toMatchObject({ status: 409, text: expect.stringContaining('"code":"name_taken"') });
  expect([await drive.temporaryFiles(), await drive.violations()]).toEqual([[], []]);
});

it('an upload whose connection is closed makes room as soon as it is undone', async () => {
  const gone = await begin('closed.bin');
  gone.destroy();
  expect((await alice.upload('closed.bin', 'again')).status).toBe(200);
  expect(await rowsOf('closed.bin')).toEqual([{ state: 'live', sha256: sha256('again') }]);
});

it('an upload that is alive keeps its name, however slow it is', async () => {
  const slow = await begin('slow.bin');
  let sent = LENGTH / 2;
  const timer = setInterval(() => {
    if (sent < LENGTH) slow.socket.write(Buffer.alloc(Math.min(50_000, LENGTH - sent), 'x'));
    sent += 50_000;
  }, 100);
  expect(await alice.upload('slow.bin', 'newcomer')).toMatchObject({ status: 409, body: { code: 'name_taken' } });
  clearInterval(timer);
  if (sent < LENGTH) slow.socket.write(Buffer.alloc(LENGTH - sent, 'x'));
  slow.send(TAIL);
  expect((await slow.answer()).status).toBe(200);
  expect(await rowsOf('slow.bin')).toEqual([{ state: 'live', sha256: sha256('x'.repeat(LENGTH)) }]);
});

it('of twenty uploads of one name that are all alive one is taken', async () => {
  const answers = await parallel(20, (n) => alice.upload('twenty.bin', `bytes ${n}`));
  expect(tally(answers)).toEqual({ 200: 1, 409: 19 });
  expect(await drive.violations()).toEqual([]);
});

it("another owner's upload of that name is none of its business", async () => {
  await begin('shared name.bin');
  const bob = await drive.signUp('bob');
  expect((await bob.upload('shared name.bin')).status).toBe(200);
  expect((await rowsOf('shared name.bin')).map(({ state }) => state).toSorted()).toEqual(['live', 'pending']);
});
