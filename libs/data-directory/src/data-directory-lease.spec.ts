import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirectoryLease } from './data-directory-lease.js';

describe('DataDirectoryLease', () => {
  let dataDir: string;
  let lease: DataDirectoryLease;
  let other: DataDirectoryLease;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'defdrive-'));
    [lease, other] = [new DataDirectoryLease(dataDir), new DataDirectoryLease(dataDir)];
  });
  afterEach(async () => {
    await Promise.all([lease.release(), other.release()]);
    rmSync(dataDir, { recursive: true });
  });

  const told = async () => [lease.held, await lease.isServed(), other.held, await other.isServed()];

  it('is had by one at a time, and seen by all', async () => {
    expect(await told()).toEqual([false, false, false, false]);
    await lease.take();
    expect(await told()).toEqual([true, true, false, true]);
    await expect(other.take()).rejects.toThrow(/in use by another DefDrive process/);
    expect(await told()).toEqual([true, true, false, true]);
    await lease.release();
    expect(await told()).toEqual([false, false, false, false]);
    await other.take();
    expect(await told()).toEqual([false, true, true, true]);
  });

  it('is demanded by what must not run beside a server', async () => {
    expect(() => lease.assertHeld()).toThrow('another process may');
    await lease.take();
    lease.assertHeld();
    expect(() => other.assertHeld()).toThrow('another process may');
  });
});
