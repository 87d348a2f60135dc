import { addressOf } from '../state/place.js';
import { ApiError } from './api-error.js';
import { refuse } from './client.js';

/**
 * Requests by hand, for routes that openapi.json does not have yet: each goes to the typed client as its route arrives,
 * and this file with the last of them.
 */
async function send<Body>(
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Body> {
  const headers = { ...more, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  let response: Response;
  try {
    response = await fetch(addressOf(path), {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw ApiError.offline();
  }
  await refuse(response);
  return (await response.json()) as Body;
}

const query = (values: Record<string, string | null | undefined>): string =>
  new URLSearchParams(
    Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])),
  ).toString();

export const removeUser = (password: string) => send<unknown>('DELETE', 'api/user', { password });

export interface AdminUser {
  id: number;
  username: string;
  email: string;
  name: string;
  role: 'user' | 'admin';
  disabled: boolean;
  maxFiles: number;
  maxStorage: number;
  currentFiles: number;
  currentStorage: number;
}
export const adminUsers = ({ q, cursor }: { q?: string; cursor?: string | null } = {}) =>
  send<{ users: AdminUser[]; nextCursor?: string | null }>('GET', `api/admin/users?${query({ q, cursor })}`);
export const createUser = (body: { username: string; name: string; email: string; password: string; role: string }) =>
  send<unknown>('POST', 'api/admin/users', body);
export const changeUserAsAdmin = (id: number, body: { role?: string; disabled?: boolean; password?: string }) =>
  send<{ user: Partial<AdminUser> }>('PATCH', `api/admin/users/${id}`, body);
export const removeUserAsAdmin = (id: number) => send<unknown>('DELETE', `api/admin/users/${id}`);

export interface Overview {
  users: number;
  files: number;
  bytes: number;
  accesses: number;
  removalsWaiting: number;
  uploadsUnderWay: number;
  storage: { kind: string; free: number | null };
  database: { kind: string; version: string };
  servers: { id: string; name: string; startedAt: string; seenAt: string }[];
}
export const overview = () => send<Overview>('GET', 'api/admin/overview');

/** Prometheus' text; none where the server keeps no metrics. */
export async function metrics(): Promise<string | undefined> {
  const response = await fetch(addressOf('api/metrics'));
  return response.ok ? response.text() : undefined;
}
