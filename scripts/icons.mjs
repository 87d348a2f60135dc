// Draws the page's icons (apps/web/public/icon-*.png) from icon.svg, in Chromium: `npm run icons` after a change of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACE = new URL('../apps/web/public/', import.meta.url);
const svg = readFileSync(new URL('icon.svg', PLACE), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage();

/** @param shape the drawing; a maskable icon fills its square, and its middle is safe */
async function draw(name, size, shape) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${shape}`);
  writeFileSync(new URL(name, PLACE), await page.screenshot({ omitBackground: true }));
}

await draw('icon-192.png', 192, svg);
await draw('icon-512.png', 512, svg);
await draw('icon-maskable-512.png', 512, svg.replace('rx="15"', 'rx="0"'));
await browser.close();
