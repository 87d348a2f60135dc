import { describe, expect, it } from 'vitest';
import { WriteBuffer } from './write-buffer.js';

const MIB = 1024 * 1024;
const filled = (size: number, value: number) => Buffer.alloc(size, value);

describe('a write buffer', () => {
  it('has no bytes at first', () => {
    expect(new WriteBuffer().bytes).toHaveLength(0);
  });

  it('keeps a single chunk as it is, whatever its size', () => {
    const chunk = filled(MIB + 1, 1);
    const buffer = new WriteBuffer();
    expect(buffer.hasRoomFor(chunk)).toBe(true);
    buffer.add(chunk);
    expect(buffer.bytes).toBe(chunk);
    expect(buffer.hasRoomFor(filled(1, 2))).toBe(false);
  });

  it('gathers chunks in their order, up to a MiB', () => {
    const buffer = new WriteBuffer();
    const chunks = [filled(1, 1), filled(MIB - 3, 2), filled(2, 3)];
    for (const chunk of chunks) {
      expect(buffer.hasRoomFor(chunk)).toBe(true);
      buffer.add(chunk);
    }
    expect(buffer.hasRoomFor(filled(1, 4))).toBe(false);
    expect(buffer.bytes.equals(Buffer.concat(chunks))).toBe(true);
  });

  it('leaves the bytes of another one alone until it is released', () => {
    const gather = (value: number) => {
      const buffer = new WriteBuffer();
      for (const size of [10, 20]) buffer.add(filled(size, value));
      return buffer;
    };
    const first = gather(1);
    const second = gather(2);
    expect(first.bytes.equals(filled(30, 1))).toBe(true);
    first.release();
    const third = gather(3);
    expect(second.bytes.equals(filled(30, 2))).toBe(true);
    expect(third.bytes.equals(filled(30, 3))).toBe(true);
  });
});
