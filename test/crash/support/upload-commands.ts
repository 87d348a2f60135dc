import fc from 'fast-check';
import { expect } from 'vitest';
import {
  always,
  type Command,
  hasUpload,
  holderOf,
  NAMES,
  open,
  ownerOf,
  person,
  pickUpload,
  type Real,
  restart,
  settle,
  Step,
} from './model.js';

const beginUpload = (who: number, name: string, size: number) =>
  new Step(`begin an upload of ${name} (${size} bytes) as ${who}`, always, async (model, real) => {
    const recorder = person(real, who);
    const holder = holderOf(real, recorder.client.username, name);
    const idle = holder && 'told' in holder && holder.told === 0 && !holder.file;
    // Whether there is something to unlink of one that is idle, the model does not know.
    if (idle && model.trouble === 'unlink') return;
    if (idle) holder.end = 'due';
    expect((await recorder.begin(name, size)) !== undefined).toBe(!holder || idle);
    await settle(model, real);
  });

/** @param share of the whole, in percent */
const append = (which: number, share: number) =>
  new Step(`go on with upload ${which} by ${share} %`, hasUpload, async (model, real) => {
    const book = pickUpload(real, which);
    const size = Math.ceil((book.bytes.length * share) / 100);
    const isWhole = book.file !== undefined || book.told + size >= book.bytes.length;
    const fails = isWhole && model.trouble === 'link';
    const recorder = ownerOf(real, book);
    expect(await recorder.append(book, size)).toBe(fails ? 'unknown' : 'acknowledged');
    expect(book.file?.upload).toBe(isWhole ? (fails ? 'unknown' : 'acknowledged') : undefined);
    if (!isWhole) expect(await recorder.look(book)).toBe(book.told);
    await settle(model, real);
  });

const endUpload = (which: number) =>
  new Step(`end upload ${which}`, hasUpload, async (model, real) => {
    const book = pickUpload(real, which);
    const recorder = ownerOf(real, book);
    await recorder.endUpload(book);
    if (model.trouble !== 'unlink') expect(book.end).toBe('acknowledged');
    else book.end = 'due';
    expect(await recorder.look(book)).toBeUndefined();
    await settle(model, real);
  });

const expireUpload = (which: number) =>
  new Step(`upload ${which} expires`, hasUpload, async (model, real) => {
    const book = pickUpload(real, which);
    await real.drive.expire(book);
    const recorder = ownerOf(real, book);
    expect(await recorder.look(book)).toBeUndefined();
    expect(await recorder.append(book, book.bytes.length)).toBe('refused');
    await restart(model, real);
  });

/** What a client is about while the server dies. */
export const MIDST = ['nothing', 'an upload', 'a part of an upload'] as const;
export type Midst = (typeof MIDST)[number];

/** Lets a client begin it. */
export function beginSomething(real: Real, midst: Midst, which: number): Promise<unknown> | undefined {
  if (midst === 'an upload') return person(real, which).upload(`crash ${which}.txt`, 200_000);
  if (midst === 'nothing' || open(real).length === 0) return undefined;
  const book = pickUpload(real, which);
  return ownerOf(real, book).append(book, Math.ceil(book.bytes.length / 2));
}

const small = fc.nat(9);
const size = fc.constantFrom(100, 70_000, 1_500_000);

/** What people do with uploads that outlive their requests, and time. */
export const UPLOAD_COMMANDS: fc.Arbitrary<Command>[] = [
  fc.tuple(small, fc.constantFrom(...NAMES), size).map((args) => beginUpload(...args)),
  fc.tuple(small, fc.constantFrom(1, 40, 100)).map((args) => append(...args)),
  fc.tuple(small, fc.constantFrom(40, 100)).map((args) => append(...args)),
  small.map(endUpload),
  small.map(expireUpload),
];
