import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AppConfig, ConfigError } from '@app/config';

const DATABASE = 'defdrive.sqlite';
/** What a drive leaves beside its database; the draft is that of a backup which was never finished. */
const TRACES = new Set([`${DATABASE}-wal`, `${DATABASE}.part`, 'jwt.secret', 'quarantine', 'restore.part']);

/**
 * Refuses a data directory whose drive has lost its database: in its place a fresh one would be made, in which nobody has
 * an account and anybody may sign up. (A database on a server of its own knows its storage, which says so itself.)
 * @throws ConfigError, also where there is nothing at all and the settings forbid to make a new drive
 */
export function refuseLostDrive({ dataDir, databaseUrl, newDrive }: AppConfig): void {
  if (databaseUrl) return;
  const there = namesIn(dataDir);
  if (there.includes(DATABASE)) return;
  const folder = namesIn(join(dataDir, 'uploads')).find((name) => !name.startsWith('.'));
  const trace = folder === undefined ? there.find((name) => TRACES.has(name)) : `uploads/${folder}`;
  if (trace !== undefined) {
    const advice = 'bring the database back from a backup, or move what is there out of the way';
    throw new ConfigError(
      'DATA_DIR',
      `holds ${trace} of a drive, but no database (${DATABASE}): ${advice}: ${dataDir}`,
    );
  }
  if (newDrive === 'refuse')
    throw new ConfigError('NEW_DRIVE', `is refuse, and there is no drive: is its disk mounted? ${dataDir}`);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
