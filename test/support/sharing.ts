import { expect } from 'vitest';
import type { Client } from './client.js';
import { published } from './published.js';

/** A file of a client, and an access to it. */
export interface Shared {
  readonly file: { id: number; name: string; [field: string]: any };
  readonly access: Record<string, any>;
  /** The URL that strangers have. */
  readonly link: string;
}

let count = 0;

/** Uploads a public file and makes an access to it, public unless the settings say otherwise. */
export async function share(
  client: Client,
  settings: Record<string, unknown> = {},
  { name = `shared ${++count}.txt`, bytes = `bytes of ${name}` as string | Uint8Array<ArrayBuffer> } = {},
): Promise<Shared> {
  const file = await client.file(name, bytes);
  await client.put(`/api/files/${file.id}/access`, { public: true });
  return { file, ...(await shareAgain(client, file.id, settings)) };
}

/** Makes a further access to a file. */
export async function shareAgain(
  client: Client,
  fileId: number,
  settings: Record<string, unknown> = {},
): Promise<Omit<Shared, 'file'>> {
  const { status, body } = await client.post(`/api/files/${fileId}/accesses`, { public: true, ...settings });
  if (status !== 200) throw new Error(`Sharing of ${fileId}: ${JSON.stringify(body)}`);
  return { access: body.access, link: body.link };
}

/** What an access is now, as its owner sees it. */
export async function accessNow(client: Client, { access }: Pick<Shared, 'access'>): Promise<Record<string, any>> {
  const { status, body } = await client.get(`/api/accesses/${access.id}`);
  if (status !== 200) throw new Error(`Access ${access.id}: ${JSON.stringify(body)}`);
  return body.access;
}

/** The statuses of answers and how often each came, e.g. `{200: 1, 403: 49}`. */
export function tally(answers: readonly { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** As many of something at once. */
export function parallel<Result>(times: number, work: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => work(index)));
}

/** Follows a link to the end of its answer. */
export async function follow(link: string, init: RequestInit = {}): Promise<Response & { readonly bytes: Buffer }> {
  const response = await fetch(link, init);
  return Object.assign(response, { bytes: Buffer.from(await response.arrayBuffer()) });
}

/** Asserts that an answer is an error, with this text, and none of the file's headers or bytes. */
export function expectRefusal(answer: Awaited<ReturnType<typeof follow>>, status: number, error: string): void {
  expect(answer.status).toBe(status);
  const { requestId, ...body } = JSON.parse(answer.bytes.toString());
  expect(body).toEqual(published(error));
  expect(requestId).toBe(answer.headers.get('x-request-id'));
  for (const header of ['content-disposition', 'etag', 'accept-ranges', 'content-range']) {
    expect(answer.headers.get(header)).toBeNull();
  }
}
