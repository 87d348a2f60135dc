import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { admin, ADMIN, environmentOf } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';

const drive = driveFixture();

describeWith('script', 'the command line on a terminal', (script) => {
  /** Runs a command on a terminal of its own; types each answer once its question stands there. */
  async function onTerminal(args: string, answers: readonly (readonly [question: string, typed: string])[]) {
    const command = `${process.execPath} ${ADMIN} ${args}`;
    const child = spawn(script, ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...environmentOf(drive.config), SHELL: '/bin/sh', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const waiting = [...answers];
    let shown = '';
    let unread = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      unread += text;
      const [question, typed] = waiting[0] ?? [];
      if (question === undefined || !unread.includes(question)) return;
      unread = '';
      waiting.shift();
      child.stdin.write(typed!);
    });
    const [code] = (await once(child, 'close')) as [number];
    return { code, shown };
  }

  const logsIn = async (username: string, password: string) =>
    (await drive.anonymous().post('/api/login', { username, password })).status === 200;
  const create = (name: string) => `users create --username ${name} --email ${name}@example.org --name ${name}`;

  it('asks twice for a password, and shows nothing of it', async () => {
    const { code, shown } = await onTerminal(create('asked'), [
      ['characters): ', 'typed unseen\r'],
      ['Again: ', 'typed unseen\r'],
    ]);
    expect([code, shown]).toEqual([0, expect.not.stringContaining('typed')]);
    expect(await logsIn('asked', 'typed unseen')).toBe(true);
  });

  it('makes nobody when the passwords differ, or at Ctrl-C', async () => {
    const differ = await onTerminal(create('nobody'), [
      ['characters): ', 'typed unseen\r'],
      ['Again: ', 'typed otherwise\r'],
    ]);
    expect([differ.code, differ.shown]).toEqual([1, expect.stringContaining('The passwords differ')]);
    const ended = await onTerminal(create('nobody'), [['characters): ', 'typed\u0003']]);
    expect([ended.code, ended.shown]).toEqual([1, expect.stringContaining('Nothing was done')]);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'nobody'")).toEqual([]);
  });

  it('deletes a user only when the name is typed', async () => {
    await drive.signUp('doomed');
    const kept = await onTerminal('users delete doomed', [['Type the user name: ', 'doom\r']]);
    expect([kept.code, kept.shown]).toEqual([1, expect.stringContaining('Nothing was done')]);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'doomed'")).toHaveLength(1);
    const { code } = await onTerminal('users delete doomed', [['Type the user name: ', 'doomed\r']]);
    expect([code, await drive.probe.rows("SELECT id FROM users WHERE username = 'doomed'")]).toEqual([0, []]);
  });
});

describe('a table', () => {
  it('has its columns one under the other, whatever script the names are in', async () => {
    const owner = await drive.signUp('scripts');
    for (const name of ['家族の写真.jpg', '가족 사진.jpg', 'plain.jpg', 'é́ two marks.jpg', '👨‍👩‍👧.jpg'])
      await owner.file(name, '12345');
    const { out } = await admin(drive.config, ['files', 'list', '--user', 'scripts']);
    const [header, ...rows] = out.trimEnd().split('\n');
    expect(rows).toHaveLength(5);
    // What a terminal shows: wide characters take two columns, marks and joined characters none of their own.
    const columns = (text: string) =>
      [...new Intl.Segmenter().segment(text)].reduce(
        (sum, { segment }) =>
          sum + (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}\p{Emoji_Presentation}]/u.test(segment) ? 2 : 1),
        0,
      );
    const sizeAt = columns(header!.slice(0, header!.indexOf('SIZE')));
    for (const row of rows) expect(columns(row.slice(0, row.indexOf('5 B')))).toBe(sizeAt);
  });
});
