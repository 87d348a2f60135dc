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
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = request.url.startsWith(SHELL) ? request.url.slice(SHELL.length) : undefined;
  if (path === undefined || /^(api|link|docs)\b/.test(path)) return;
  if (request.method === 'POST' && path === 'shared') event.respondWith(takeShared(request));
  else if (request.method !== 'GET') return;
  else if (request.mode === 'navigate') event.respondWith(fetch(request).catch(shell));
  else if (path.startsWith('assets/')) event.respondWith(asset(request));
});

/** The document and the files that it names; nobody is logged in where it is asked for. */
async function keepShell(): Promise<void> {
  const accept = 'text/html,application/xhtml+xml';
  const response = await fetch(SHELL, { headers: { accept }, cache: 'reload', credentials: 'omit' });
  if (!response.ok) throw new Error(`${response.status} for the page`);
  const cache = await caches.open(CACHE);
  const named = [...(await response.clone().text()).matchAll(/"\.\/(assets\/[^"]+)"/g)];
  await cache.addAll(named.map(([, path]) => `${SHELL}${path!}`));
  await cache.put(SHELL, response);
}

/** Files of builds before this one. */
async function forgetOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name !== CACHE && name !== SHARED_CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
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
