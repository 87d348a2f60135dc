import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, type Outcome } from '../support/admin.js';
import { Drive } from '../support/drive.js';

const NOWHERE = { dataDir: '/nowhere' };
/** Every command that there is, with what must stand behind it: docs/ADMIN.md is made from their own help. */
const COMMANDS = [
  ...readFileSync('docs/ADMIN.md', 'utf8').matchAll(/^Usage: npm run admin -- ([a-z -]+?)(?: \[options\](.*))?$/gm),
].map(([, command, args = '']) => ({
  words: command!.trim().split(' '),
  required: [...args.matchAll(/<[^>]+>/g)].map(() => '1'),
}));
const named = (commands: typeof COMMANDS) => commands.map((command) => [command.words.join(' '), command] as const);

/** Commands that only look, and may find nothing. */
const LOOKS = COMMANDS.filter(
  ({ words, required }) =>
    required.length === 0 && /^(audit|(?!files).*(list|status|check|verify|removals|show))$/.test(words.join(' ')),
);

/** What an admin reads who did something that cannot be: one line that says it, and nothing of our inside. */
function expectReadable({ code, out, err }: Outcome): void {
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^error: \S.{5,400}\n/);
  expect(err).not.toMatch(/\n\s+at |undefined|\[object|NaN|node:internal/);
}

it('knows all commands', () => expect(COMMANDS.length).toBeGreaterThan(25));

describe('wrong use and refusal read well', () => {
  it.each(named(COMMANDS))('%s', async (_name, { words, required }) => {
    const [wrong, refused] = await Promise.all([
      admin(NOWHERE, [...words, ...required, '--nonsense']),
      admin(NOWHERE, [...words, ...required]),
    ]);
    expectReadable(wrong);
    expect(wrong.err).toMatch(/^error: (?:unknown option '--nonsense'|required option '--\S+ <\S+>' not specified)\n/);
    const { code, err } = refused;
    // How it is set is told without a drive.
    if (code === 0) expect([words.join(' '), err]).toEqual([expect.stringMatching(/^(config show|completion)/), '']);
    else expectReadable(refused);
  });
});

describe('an empty result reads well', () => {
  let drive: Drive;
  beforeAll(async () => void (drive = await Drive.start()));
  afterAll(() => drive?.destroy());

  it.each(named(LOOKS))('%s', async (_name, { words }) => {
    const { code, out, err } = await admin(drive.config, words);
    expect([code, err]).toEqual([0, '']);
    expect(out.trim()).not.toBe('');
    expect(out).not.toMatch(/undefined|\[object|NaN/);
  });
});
