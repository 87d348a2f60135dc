import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Ten seconds in VP8: five that are red, then five that are green. */
export const FILM = readFileSync(join(import.meta.dirname, 'fixtures/red-then-green.webm'));

/** The seconds at which the film on a page is, and the colour of what it shows. */
export const shownOf = (page: Page) =>
  page.locator('video').evaluate((element) => {
    const video = element as HTMLVideoElement;
    const context = document.createElement('canvas').getContext('2d')!;
    context.drawImage(video, 0, 0);
    const [red, green] = context.getImageData(8, 8, 1, 1).data;
    return { at: video.currentTime, colour: red === green ? 'none' : red! > green! ? 'red' : 'green' };
  });
