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

/** A wave file of so many seconds without a sound. */
export function silence(seconds: number): Uint8Array<ArrayBuffer> {
  const [rate, header] = [44_100, Buffer.alloc(44)];
  const size = seconds * rate * 2;
  header.write('RIFF');
  header.writeUInt32LE(36 + size, 4);
  header.write('WAVEfmt ', 8);
  [16, 0x0001_0001, rate, rate * 2, 0x0010_0002].forEach((value, n) => header.writeUInt32LE(value, 16 + n * 4));
  header.write('data', 36);
  header.writeUInt32LE(size, 40);
  return new Uint8Array(Buffer.concat([header, Buffer.alloc(size)]));
}
