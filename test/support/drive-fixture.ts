import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { Drive } from './drive.js';

/** Milliseconds: some are filled with thousands of files before they are opened. */
const OPEN_MS = 120_000;
/** Milliseconds for what a client has left behind: long enough for a machine that is busy. */
const SOON_MS = 20_000;

type Settings = NodeJS.ProcessEnv;

interface DriveFixtureOptions {
  /**
   * When nothing may be found that is not as it must be (`Drive.violations`), after each test: at once; soon, where clients
   * leave behind what the server then clears away; or never, where the tests damage the drive or plant rows.
   */
  readonly checked?: 'at once' | 'soon' | 'never';
}

/**
 * The drive of a file of tests, or of the `describe` that this is called in: opened before them, looked at after each,
 * removed after all. Nothing of it is there before the hooks run that are registered later.
 * @param settings as for `Drive.open`; a function where they are known only once earlier hooks have run
 */
export function driveFixture(
  settings: Settings | (() => Settings | Promise<Settings>) = {},
  { checked = 'at once' }: DriveFixtureOptions = {},
): Drive {
  const drive = new Drive();
  const look = async () => expect(await drive.violations()).toEqual([]);
  const open = async () => void (await drive.open(typeof settings === 'function' ? await settings() : settings));
  beforeAll(open, OPEN_MS);
  afterAll(() => drive.destroy());
  if (checked === 'at once') afterEach(look);
  if (checked === 'soon') afterEach(() => vi.waitFor(look, { timeout: SOON_MS, interval: 20 }));
  return drive;
}
