import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

const MIB = 1024 * 1024;

/** File systems of a test's own. */
export class Mounts {
  private readonly mounted: string[] = [];
  private readonly made: string[] = [];

  /** A small disk at this path. @param size in MiB */
  disk(path: string, size: number): void {
    mkdirSync(path, { recursive: true });
    this.carryOut(path, '-t', 'tmpfs', '-o', `size=${size}m,mode=0700`, 'tmpfs', path);
  }

  /** Shows a directory of a large disk at this path. @param source one that is there already */
  bind(path: string, source = this.make()): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.carryOut(path, '--bind', source, path);
  }

  /** Changes whether a disk can be written. */
  remount(path: string, mode: 'ro' | 'rw'): void {
    if (!mount('-o', `remount,${mode}`, path)) throw new Error(`Cannot remount ${mode}`);
  }

  release(): void {
    for (const path of this.mounted.splice(0).reverse()) spawnSync('umount', ['-l', path]);
    for (const path of this.made.splice(0)) rmSync(path, { recursive: true });
  }

  private make(): string {
    const directory = mkdtempSync(join(tmpdir(), 'defdrive-bound-'));
    this.made.push(directory);
    return directory;
  }

  private carryOut(path: string, ...args: string[]): void {
    if (!mount(...args)) throw new Error(`Cannot mount ${path}`);
    this.mounted.push(path);
  }
}

function mount(...args: string[]): boolean {
  return spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
}

/** Takes all room that a disk has left. @returns what gives it back */
export function fill(directory: string): () => void {
  const path = join(directory, 'filler');
  const file = openSync(path, 'w');
  try {
    for (const chunk of [MIB, 4096]) {
      try {
        for (;;) if (writeSync(file, Buffer.alloc(chunk)) < chunk) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
  return () => rmSync(path);
}

/** Bytes that a disk has left. */
export function freeOf(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Resolves when the drive has its reserve: an eighth of so small a disk. */
export async function reserved(dataDir: string): Promise<void> {
  const { blocks, bsize } = statfsSync(dataDir);
  const size = () => statSync(join(dataDir, 'reserve'), { throwIfNoEntry: false })?.size;
  await expect.poll(size).toBe((blocks * bsize) / 8);
}
