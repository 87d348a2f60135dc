import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { share } from '../support/sharing.js';
import { Visitor } from '../support/visitor.js';
import { hold } from './hold.js';
import { eachDialog, settled } from './screens.js';
import { throttle } from './line.js';

/** In the page: what moves, would move once it changes, or scrolls slowly; by its kind and the nearest class that was given. */
function moving(): string[] {
  const nameOf = (element: Element): string => {
    const given = (one: Element) => [...one.classList].find((name) => !name.startsWith('svelte-'));
    let near: Element | null = element;
    while (near && !given(near)) near = near.parentElement;
    return `${element.localName} ${near ? given(near) : ''}`;
  };
  const elements = [...document.querySelectorAll('*')];
  const styles = elements.flatMap((element) =>
    [undefined, '::before', '::after', '::backdrop'].map((part) => [element, getComputedStyle(element, part)] as const),
  );
  const found = styles.filter(
    ([, { animationName, transitionDuration, scrollBehavior }]) =>
      animationName !== 'none' || /[1-9]/.test(transitionDuration) || scrollBehavior === 'smooth',
  );
  const running = document.getAnimations().map(({ effect }) => (effect as KeyframeEffect).target!);
  return [...found.map(([element]) => element), ...running].map(nameOf);
}

describeWith('chromium', 'the page, for whoever wants nothing to move', () => {
  let link: string;
  let fileId: number;

  // Each walk leaves an upload on its way.
  const drive = driveFixture({}, { checked: 'never' });
  beforeAll(async () => {
    const alice = await drive.signUp('alice');
    ({
      link,
      file: { id: fileId },
    } = await share(alice, { password: 'open sesame' }));
    const gone = await alice.file('gone.txt');
    await alice.delete(`/api/files/${gone.id}`);
    await drive.probe.run("UPDATE users SET role = 'admin'");
  });

  /** Goes through a link, log-in, screens, each also while it waits for the server, and dialogs. @returns what moves where */
  async function walk(reducedMotion: 'no-preference' | 'reduce', paths: string[]): Promise<Map<string, Set<string>>> {
    const visitor = await Visitor.enter(drive.url, { reducedMotion, serviceWorkers: 'block' });
    const { page } = visitor;
    const found = new Map<string, Set<string>>();
    const look = async (screen: string) => {
      const all = [...(found.get(screen) ?? []), ...(await page.evaluate(moving))];
      if (all.length > 0) found.set(screen, new Set(all));
    };
    await page.goto(link);
    await look('a link');
    await visitor.go('/');
    await page.getByLabel('User name').waitFor();
    await look('welcome');
    await visitor.logIn('alice');
    for (const path of paths) {
      const answers = await hold(page, /\/api\//);
      await visitor.go(path);
      await page.locator('.busy, h1').first().waitFor();
      await look(path);
      answers.release();
      await settled(page);
      await look(path);
    }
    await visitor.go('/');
    await eachDialog(page, look);
    await upload(page);
    await look('uploads');
    await visitor.leave();
    return found;
  }

  it('moves nothing on any screen, nor in what waits, is asked or is sent', async () => {
    const usual = await walk('no-preference', ['/']);
    for (const [screen, what] of [
      ['a link', /^button/],
      ['welcome', /^button primary/],
      ['/', /^span ring/],
      ['dialog s', /^button primary/],
      ['uploads', /^div meter/],
    ] as const)
      expect([...(usual.get(screen) ?? [])], `moves otherwise: ${screen}`).toContainEqual(expect.stringMatching(what));
    const all = ['/', `/files/${fileId}`, '/links', '/receipts', '/account', '/admin', '/admin/people'];
    expect(await walk('reduce', all)).toEqual(new Map());
  }, 60_000);
});

/** Something that is on its way for as long as anybody looks. */
async function upload(page: Page): Promise<void> {
  await throttle(page, 200_000);
  const file = { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4_000_000) };
  await page.locator('input[type=file][multiple]').setInputFiles([file]);
  await page.locator('[data-state=sending] [role=progressbar]').waitFor();
}
