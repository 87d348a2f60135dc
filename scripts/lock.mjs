// Makes package-lock.json anew after a change of package.json: npm run lock
// In a directory without node_modules, or the optional packages of other platforms would be missing in it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mark, written } from './lock-marks.mjs';

const directory = mkdtempSync(join(tmpdir(), 'defdrive-lock-'));
try {
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(name, join(directory, name));
  const args = ['install', '--package-lock-only', '--no-audit'];
  const { status } = spawnSync('npm', args, { cwd: directory, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const lock = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8'));
  writeFileSync('package-lock.json', written(mark(lock)));
} finally {
  rmSync(directory, { recursive: true });
}
