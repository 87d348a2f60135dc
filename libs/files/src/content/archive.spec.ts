import { Readable } from 'node:stream';
import type { File } from '@app/database';
import { describe, expect, it } from 'vitest';
import { archiveOf } from './archive.js';

const file = (name: string, size: number) => ({ name, size, createdAt: Date.UTC(2026, 10, 27) }) as File;

describe('an archive', () => {
  it.each([
    ['of nothing much', [file('a.txt', 3), file('ü 🖨.bin', 70_000), file('empty', 0), file('c:odd', 1)]],
    ['of very many', Array.from({ length: 2_000 }, (_, index) => file(`${index}`, 1))],
  ])('%s is as long as it said', async (_, files) => {
    const { size, bytes } = archiveOf(files, async (one) => Readable.from(one.size ? [Buffer.alloc(one.size)] : []));
    let sent = 0;
    for await (const chunk of bytes as AsyncIterable<Buffer>) sent += chunk.length;
    expect(sent).toBe(size);
  });

  it('opens one file at a time, none before its turn, and lets go of it when nobody reads on', async () => {
    const opened: Readable[] = [];
    const endless = async () => {
      const stream = new Readable({
        read() {
          this.push(Buffer.alloc(65_536));
        },
      });
      opened.push(stream);
      return stream;
    };
    const { bytes } = archiveOf([file('a', 2 ** 40), file('b', 2 ** 40)], endless);
    for (let read = 0; read < 50; read++)
      await new Promise((resolve) => bytes.once('readable', () => resolve(bytes.read())));
    expect(opened).toHaveLength(1);
    bytes.destroy();
    await expect.poll(() => opened[0]!.destroyed).toBe(true);
  });

  it('ends with an error when a file cannot be had, and is not whole then', async () => {
    const { bytes } = archiveOf([file('a', 1), file('b', 1)], async (one) => {
      if (one.name === 'b') throw new Error('gone');
      return Readable.from([Buffer.alloc(1)]);
    });
    await expect(bytes.toArray()).rejects.toThrow('gone');
  });
});
