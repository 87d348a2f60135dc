// A command of the admin, which opens the drive and reads a little: as it was built, and from its modules.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { UNBUNDLED } from '../support/built.mjs';
import { Drive } from '../support/drive.mjs';

const START = row('a command (users list) : the same from its modules', 0.4, { better: 'lower' });
const MAIN = UNBUNDLED.replace('/api/', '/admin/');
const MODULES = `import { run } from ${JSON.stringify(MAIN.replace('main.js', 'program.js'))};\nawait run();\n`;

export const rows = [START];

export async function run(bench) {
  const drive = await Drive.start(bench, 'commands');
  await drive.stop();
  const modules = join(bench.directory, 'commands.mjs');
  writeFileSync(modules, MODULES);
  const measured = (...args) => {
    const began = performance.now();
    const { status } = spawnSync(process.execPath, args, { env: drive.environment, stdio: 'ignore' });
    if (status !== 0) throw new Error(`The command failed: ${args.join(' ')}`);
    return performance.now() - began;
  };
  await bench.compare(
    START,
    () => measured(MAIN, 'users', 'list'),
    () => measured(modules, 'users', 'list'),
  );
}
