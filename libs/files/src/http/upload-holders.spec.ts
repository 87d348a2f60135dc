import type { IncomingMessage } from 'node:http';
import { ContractError } from '@app/contract';
import { expect, it } from 'vitest';
import { type Holder, UploadHolders, type WantedName } from './upload-holders.js';

const holder = (): Holder => ({ request: {} as IncomingMessage, abort: new AbortController() });
const claimed = { holdsName: true };

/** A name of a drive with one server. */
function name(rules: Partial<WantedName<typeof claimed>>): WantedName<typeof claimed> {
  const none = async () => false;
  return { key: () => '1 a', open: async () => claimed, isFree: none, isElsewhere: none, ...rules };
}

/** A claim that is refused, while so much happens before its sender hears of it, and asks again. */
function refusedOnce(meanwhile: () => void): { open: WantedName<typeof claimed>['open']; attempts: () => number } {
  let attempts = 0;
  const open = async () => {
    attempts += 1;
    if (attempts > 1) return claimed;
    meanwhile();
    throw new ContractError('nameTaken');
  };
  return { open, attempts: () => attempts };
}

it('an upload that ends after its name was refused to another makes room all the same', async () => {
  const holders = new UploadHolders();
  const first = holder();
  await holders.claim(first, name({}));
  const { open, attempts } = refusedOnce(() => holders.release(first));
  expect(await holders.claim(holder(), name({ open, isFree: async () => true }))).toBe(claimed);
  expect(attempts()).toBe(2);
});

it('a name that a file has is refused at once', async () => {
  const { open, attempts } = refusedOnce(() => {});
  await expect(new UploadHolders().claim(holder(), name({ open }))).rejects.toThrow(ContractError);
  expect(attempts()).toBe(1);
});
