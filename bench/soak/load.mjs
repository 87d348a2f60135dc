// What people do with a drive, all of it at once and over and over. Each kind of work is a round that leaves nothing behind,
// so the number of files stays bounded. A module for `Remote`.
import { randomBytes } from 'node:crypto';
import * as tus from 'tus-js-client';
import { answerCalls } from '../support/remote.mjs';
import { Visitor } from './visitor.mjs';

const KIB = 1024;
const MIB = 1024 * KIB;
const SMALL = { count: 40, atOnce: 4, least: KIB, steps: 64 };
const BIG = 10 * MIB;
/** Bytes of a resumable upload, and of each of its requests. */
const RESUMABLE = { size: 6 * MIB, part: 2 * MIB };
/**
 * Milliseconds after which a request is dropped, and after which the upload is gone on with: at once, and the client would
 * take the end of the dropped one for a failure, and go on twice (findings/tus-js-client-pause.sh).
 */
const DROPPED_MS = 3;
const PAUSE_MS = 50;
const LINKS = 4;

/**
 * @typedef {{
 *   url: string, token: string, stranger: { username: string, password: string },
 *   archive: string,
 * }} Target a drive, whose token it is, somebody who may log in, and the path of an archive of files that stay
 * @typedef {(visitor: Visitor, target: Target) => Promise<void>} Round
 */

/** @type {Record<string, Round>} */
const ROUNDS = { small, big, resumable, links, sessions, archives, twice };

const stopping = new AbortController();
/** A name, and a key, is used once, whatever processes there were before. */
const series = randomBytes(4).toString('hex');
let names = 0;
const newName = (kind) => `${kind}-${series}-${(names += 1)}.bin`;
const bytesOf = (size) => new Blob([Buffer.alloc(size, names)]);

/**
 * Every kind of work at once, until it is stopped; then each ends the round it is in.
 * @param {Target} target
 * @returns how often what was done
 */
async function run(target) {
  const visitor = new Visitor(target);
  const work = Object.values(ROUNDS).map(async (round) => {
    // Once at least, however soon it is stopped: then all that is used has been opened.
    do await round(visitor, target);
    while (!stopping.signal.aborted);
  });
  await Promise.all(work).finally(stop);
  return visitor.done;
}

function stop() {
  stopping.abort();
}

/** Small uploads by several at once, a search for them, and their deletes: half of them one by one, half in one request. */
async function small(visitor) {
  const numbers = Array.from({ length: SMALL.count }, (_, number) => number).values();
  const ids = [];
  const upload = async () => {
    for (const number of numbers) ids.push(await visitor.upload(newName('small'), bytesOf(sizeOf(number))));
  };
  await Promise.all(Array.from({ length: SMALL.atOnce }, upload));
  await visitor.search(`small-${series}`);
  const half = ids.splice(0, SMALL.count / 2);
  await visitor.removeMany(half);
  for (const id of ids) await visitor.remove(id);
}

const sizeOf = (number) => SMALL.least * (1 + ((number * 7) % SMALL.steps));

/** A big upload, a download of all of it, one that is broken off, and one whose file is deleted meanwhile. */
async function big(visitor) {
  const id = await visitor.upload(newName('big'), bytesOf(BIG), 'uploads of 10 MiB');
  await visitor.download(id, BIG);
  await visitor.breakOff(id);
  await Promise.all([visitor.breakOff(id), visitor.remove(id)]);
}

/** A resumable upload that is dropped in the middle of a request and gone on with, and one that is not. */
async function resumable(visitor, target) {
  for (const isDropped of [true, false]) {
    const name = newName('parts');
    await uploadInParts(target, name, isDropped);
    visitor.did(isDropped ? 'resumable uploads, dropped and gone on with' : 'resumable uploads');
    await visitor.remove(await visitor.idOf(name));
  }
}

function uploadInParts({ url, token }, name, isDropped) {
  let dropIn = isDropped ? 2 : 0;
  return new Promise((resolve, reject) => {
    const task = new tus.Upload(Buffer.alloc(RESUMABLE.size, names), {
      endpoint: `${url}/api/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { filename: name },
      chunkSize: RESUMABLE.part,
      // The drop may still be on its way to the server when it is asked how far it is.
      retryDelays: Array.from({ length: 50 }, () => 20),
      onBeforeRequest: (request) => {
        if (request.getMethod() === 'PATCH') dropIn -= 1;
        if (request.getMethod() === 'PATCH' && dropIn === 0) setTimeout(drop, DROPPED_MS);
      },
      onSuccess: resolve,
      onError: reject,
    });
    const drop = () => {
      void task.abort();
      setTimeout(() => task.start(), PAUSE_MS);
    };
    task.start();
  });
}

/** Links made, used, ended; and links whose file goes. */
async function links(visitor) {
  const id = await visitor.upload(newName('linked'), bytesOf(KIB));
  await visitor.openToAll(id);
  const made = [];
  for (let count = 0; count < LINKS; count += 1) made.push(await visitor.makeLink(id, { oneTimeUse: count === 0 }));
  for (const { link } of made) await visitor.useLink(link);
  for (const { link } of made.slice(1)) await visitor.useLinkInParts(link);
  for (const { accessId } of made.slice(0, LINKS / 2)) await visitor.endLink(accessId);
  await visitor.remove(id);
}

async function sessions(visitor, { stranger }) {
  await visitor.enterAndLeave('/api/login', stranger);
  await visitor.enterAndLeave('/api/session', stranger);
}

async function archives(visitor, { archive }) {
  await visitor.get(archive, 'archives');
}

/** The same upload sent twice with a key: it is carried out once. */
async function twice(visitor) {
  const name = newName('twice');
  const send = () => visitor.upload(name, bytesOf(KIB), 'uploads with a key', name);
  const [first, again] = [await send(), await send()];
  if (again !== first) throw new Error(`Carried out twice: ${first} and ${again}`);
  await visitor.remove(first);
}

answerCalls({ run, stop });
