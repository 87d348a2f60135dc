/// <reference lib="webworker" />
import { CACHE, SHARED_CACHE, sharedName } from './caches.js';

declare const self: ServiceWorkerGlobalScope;

/** The page itself, as it is at the drive's root. */
const SHELL = self.registration.scope;

/** Keeps the page, so that without the server it still opens, and says so. No file and no answer is ever kept. */
self.addEventListener('install', (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

// Without preload of navigations: the browser would make one for those that are left to the network, too, and so send each
// of them twice: the code of a log-in, the use of a link.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = request.url.startsWith(SHELL) ? request.url.slice(SHELL.length) : undefined;
  if (path === undefined || /^(api|link|docs)\b/.test(path)) return;
  if (request.method === 'POST' && path === 'shared') event.respondWith(takeShared(request));
  else if (request.method !== 'GET') return;
  else if (request.mode === 'navigate') event.respondWith(fetch(request).catch(shell));
  else if (path.startsWith('assets/')) event.respondWith(asset(request));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.add(new Request(SHELL, { headers: { accept: 'text/html,application/xhtml+xml' }, cache: 'reload' }));
}

/** Addresses in the page are relative to the root, and this may be the answer for another screen. */
async function shell(): Promise<Response> {
  const kept = await caches.match(SHELL);
  if (!kept) return Response.error();
  const html = (await kept.text()).replaceAll('"./', `"${new URL(SHELL).pathname}`);
  return new Response(html, { headers: kept.headers });
}

/** Their names change with their bytes. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}

/** What another program of the phone shares waits here until the page, which knows who is logged in, takes it. */
async function takeShared(request: Request): Promise<Response> {
  const form = await request.formData();
  const files = form.getAll('files').filter((entry): entry is File => entry instanceof File);
  const text = ['title', 'text', 'url']
    .map((name) => form.get(name))
    .filter((entry) => entry)
    .join('\n');
  if (files.length === 0 && text) files.push(new File([text], 'shared.txt', { type: 'text/plain' }));
  const cache = await caches.open(SHARED_CACHE);
  await Promise.all(files.map((file, n) => cache.put(sharedName(SHELL, n, file.name), new Response(file))));
  return Response.redirect(SHELL, 303);
}
