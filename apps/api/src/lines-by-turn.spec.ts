import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LinesByTurn } from './lines-by-turn.js';

it('writes the lines of one turn together, and those of the next after them', async () => {
  const written: string[] = [];
  const lines = new LinesByTurn({ write: (text) => void written.push(text) });
  lines.write('a\n');
  lines.write('b\n');
  expect(written).toEqual([]);
  await nextTurn();
  lines.write('c\n');
  await nextTurn();
  await nextTurn();
  expect(written).toEqual(['a\nb\n', 'c\n']);
});

it('loses none at an exit', async () => {
  const module = new URL('../../../dist/apps/api/src/lines-by-turn.js', import.meta.url).href;
  const script = `
    import { writeSync } from 'node:fs';
    import { LinesByTurn } from '${module}';
    new LinesByTurn({ write: (text) => writeSync(1, text) }).write('last');
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toBe('last');
});
