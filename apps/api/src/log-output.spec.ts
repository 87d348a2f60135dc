import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogOutput } from './log-output.js';

const LINE = `${JSON.stringify({ event: 'x'.repeat(1_000) })}\n`;

describe.skipIf(process.platform === 'win32')('LogOutput, to a reader that has stopped reading', () => {
  let directory: string;
  let reader: number;
  let writer: number;
  let output: LogOutput;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'defdrive-log-'));
    const pipe = join(directory, 'pipe');
    spawnSync('mkfifo', [pipe]);
    reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    output = new LogOutput(writer);
  });
  afterEach(() => {
    closeSync(reader);
    closeSync(writer);
    rmSync(directory, { recursive: true });
  });

  /** What has been written and not been read yet. */
  const read = (): string => {
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    try {
      return buffer.toString('utf8', 0, readSync(reader, buffer));
    } catch {
      return '';
    }
  };

  /** All lines up to the one for which somebody waits. */
  const readUntil = async (holds: (text: string) => boolean): Promise<string> => {
    for (let text = ''; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
      text += read();
      if (holds(text)) return text;
    }
  };

  it('keeps lines until they can be written, in their order', async () => {
    const lines = Array.from({ length: 300 }, (_, n) => `${JSON.stringify({ n, event: 'x'.repeat(1_000) })}\n`);
    for (const line of lines) output.write(line);
    expect(await readUntil((text) => text.includes('"n":299'))).toBe(lines.join(''));
    output.write(LINE);
    expect(read()).toBe(LINE);
  });

  it('loses what is too much, and says how much that was when it can write again', async () => {
    const sent = 3_000;
    for (let n = 0; n < sent; n++) output.write(LINE);
    const text = await readUntil((all) => all.includes('log-lines-lost') && all.endsWith('\n'));
    const lines = text.trimEnd().split('\n');
    const { count, level } = JSON.parse(lines.pop()!);
    expect(level).toBe('warn');
    expect(lines.length + count).toBe(sent);
    expect(count).toBeGreaterThan(1_000);
    expect(new Set(lines)).toEqual(new Set([LINE.trimEnd()]));
    output.write(LINE);
    expect(read()).toBe(LINE);
  });

  it('goes on beside a full disk', () => {
    const full = new LogOutput(openSync('/dev/full', 'w'));
    expect(() => full.write(LINE)).not.toThrow();
  });
});
