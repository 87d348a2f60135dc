import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { SQLITE_PACKAGE } from './sqlite-driver.js';

/** Collects statements while no code runs, as an idle process does. Version 12 does not survive it on Node.js 24. */
const SCRIPT = `
  const database = new (require('${SQLITE_PACKAGE}'))(':memory:');
  for (let i = 0; i < 1000; i++) database.prepare('SELECT ' + i).get();
  gc({ execution: 'async' }).then(() => process.stdout.write(String(database.prepare('SELECT 42 AS answer').get().answer)));
`;

it('survives that forgotten statements are collected', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '-e', SCRIPT]);
  expect(stdout).toBe('42');
});
