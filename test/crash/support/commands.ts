import fc from 'fast-check';
import { expect } from 'vitest';
import {
  always,
  type Command,
  hasFile,
  hasLink,
  holderOf,
  live,
  NAMES,
  ownerOf,
  person,
  pickFile,
  pickLink,
  restart,
  settle,
  Step,
  type Trouble,
} from './model.js';
import { tally } from './report.js';
import { Fault } from './strace.js';
import { beginSomething, MIDST, type Midst, UPLOAD_COMMANDS } from './upload-commands.js';

const signUp = (who: number) =>
  new Step(`sign up u${who}`, always, async (model, real) => {
    const username = `user${who}`;
    const taken = real.drive.ledger.accounts.has(username);
    const recorder = person(real, 0);
    if (!taken) {
      await real.drive.join(username);
      model.people += 1;
    } else {
      const account = { username, password: 'another password', email: 'a@example.org', name: 'a' };
      expect((await recorder.client.post('/api/signup', account)).status).toBe(409);
    }
  });

const upload = (who: number, name: string, size: number) =>
  new Step(`upload ${name} (${size} bytes) as ${who}`, always, async (model, real) => {
    const recorder = person(real, who);
    const expected = holderOf(real, recorder.client.username, name)
      ? 'refused'
      : model.trouble === 'link'
        ? 'unknown'
        : 'acknowledged';
    const record = await recorder.upload(name, size);
    expect(record.upload).toBe(expected);
    // What was not acknowledged must have left nothing, and the books may say so.
    if (expected === 'unknown') record.upload = 'refused';
    await settle(model, real);
  });

const remove = (which: number) =>
  new Step(`delete file ${which}`, hasFile, async (model, real) => {
    const file = pickFile(real, which);
    const { client } = ownerOf(real, file);
    const { status } = await client.delete(`/api/files/${file.id}`);
    expect(status).toBe(model.trouble === 'unlink' ? 500 : 200);
    file.removal = 'acknowledged';
    expect((await client.delete(`/api/files/${file.id}`)).status).toBe(404);
    for (const { hash } of file.links) expect((await client.get(`/link/${hash}`)).status).toBe(404);
    await settle(model, real);
  });

const removeMany = (which: number) =>
  new Step(`delete ${which + 1} files at once`, hasFile, async (model, real) => {
    const [first] = live(real);
    const { client } = ownerOf(real, first!);
    const files = live(real)
      .filter(({ owner }) => owner === client.username)
      .slice(0, which + 1);
    const ids = files.map(({ id }) => id);
    const { status, body } = await client.post('/api/files/delete', { ids });
    expect([status, body.deleted]).toEqual([200, model.trouble === 'unlink' ? 0 : files.length]);
    for (const file of files) file.removal = 'acknowledged';
    const { receipts } = (await client.get('/api/deletions?limit=200')).body;
    const proved = receipts.map(({ fileId }: { fileId: number }) => fileId);
    expect(proved).toEqual(expect.arrayContaining(ids));
    await settle(model, real);
  });

const toggle = (which: number, to: boolean) =>
  new Step(`make file ${which} ${to ? 'public' : 'private'}`, hasFile, async (_model, real) => {
    const file = pickFile(real, which);
    await ownerOf(real, file).toggle(file, to);
    expect([...file.public]).toEqual([to]);
  });

const share = (which: number, limit: number) =>
  new Step(`share file ${which} for ${limit} uses`, hasFile, async (_model, real) => {
    const file = pickFile(real, which);
    expect(await ownerOf(real, file).share(file, limit)).toBeDefined();
  });

const useLink = (which: number, times: number) =>
  new Step(`use link ${which}, ${times} at once`, hasLink, async (_model, real) => {
    const [file, link] = pickLink(real, which);
    const left = file.public.has(true) ? link.limit - link.served : 0;
    const visits = Array.from({ length: times }, () => person(real, 0).use(file, link));
    const served = (await Promise.all(visits)).filter((outcome) => outcome === 'acknowledged');
    expect(served).toHaveLength(Math.min(times, left));
  });

const crash = (midst: Midst, wait: number) =>
  new Step(`kill -9 in the midst of ${midst} (${wait})`, always, async (model, real) => {
    const { drive } = real;
    const uploading = beginSomething(real, midst, wait);
    for (let turn = 0; turn < wait; turn++) await drive.isAlive();
    await drive.stop('SIGKILL');
    await uploading;
    tally.killed('any time, in the model');
    await drive.assertTrueInDeath('killed in the model');
    // The fault ends with the process that it was put into.
    await real.fault?.off();
    Object.assign(model, { trouble: undefined });
    real.fault = undefined;
    expect(await drive.start()).toBeUndefined();
    await drive.assertTrueAtRest('after a kill in the model');
  });

const faultOn = (trouble: Trouble) =>
  new Step(
    `${trouble} fails from now on`,
    (model) => model.trouble === undefined,
    async (model, real) => {
      const pid = real.drive.server!.process.pid!;
      real.fault = await Fault.on(real.strace, pid, { call: trouble, how: 'error=EIO' });
      model.trouble = trouble;
    },
  );

const faultOff = () =>
  new Step(
    'the disk is well again',
    (model) => model.trouble !== undefined,
    async (model, real) => {
      // What a failing unlink has left of uploads that succeeded goes with the next start.
      await restart(model, real);
    },
  );

const small = fc.nat(9);

/** Everything that people, disks and power cuts do to a drive. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  fc.integer({ min: 1, max: 2 }).map(signUp),
  fc.tuple(small, fc.constantFrom(...NAMES), fc.constantFrom(0, 100, 70_000, 1_500_000)).map((args) => upload(...args)),
  ...UPLOAD_COMMANDS,
  small.map(remove),
  fc.nat(3).map(removeMany),
  fc.tuple(small, fc.boolean()).map((args) => toggle(...args)),
  fc.tuple(small, fc.integer({ min: 1, max: 3 })).map((args) => share(...args)),
  fc.tuple(small, fc.integer({ min: 1, max: 5 })).map((args) => useLink(...args)),
  fc.tuple(fc.constantFrom(...MIDST), fc.nat(3)).map((args) => crash(...args)),
  fc.constantFrom<Trouble>('unlink', 'link').map(faultOn),
  fc.constant(undefined).map(faultOff),
];
