import createClient from 'openapi-fetch';
import { BASE } from '../state/place.js';
import { ApiError } from './api-error.js';
import type { components, paths } from './schema.js';

export type File = components['schemas']['FileDto'];
export type Access = components['schemas']['AccessDto'];
export type Limits = components['schemas']['UserLimitsDto'];
export type User = components['schemas']['FullAccountDto'];
export type ListedAccess = components['schemas']['NamedAccessDto'];
export type Receipt = components['schemas']['ReceiptDto'];
export type DeletionPreview = components['schemas']['DeletionPreviewBody'];
export type ApiToken = components['schemas']['ApiTokenDto'];
export type NewApiToken = components['schemas']['CreateApiTokenDto'];
export type AdminUser = components['schemas']['ManagedUserDto'];
export type AdminChanges = components['schemas']['UpdateUserDto'];
export type Overview = components['schemas']['OverviewDto'];
export type Identity = components['schemas']['IdentityDto'];
export type UserSession = components['schemas']['SessionDto'];

let sessionEnded = (): void => undefined;

/** Says who wants to know when the server no longer knows who is asking. */
export function onSessionEnd(listener: () => void): void {
  sessionEnded = listener;
}

/** Throws what an answer that is no success says. */
export async function refuse(response: Response): Promise<void> {
  if (response.ok) return;
  const error = await ApiError.of(response);
  if (error.status === 401 && error.code === 'not_authenticated') sessionEnded();
  throw error;
}

/** The server's interface, typed by its own document (openapi.json). What fails throws an ApiError. */
export const api = createClient<paths>({ baseUrl: BASE.slice(0, -1) });

api.use({
  onResponse: ({ response }) => refuse(response).then(() => undefined),
  onError({ error }) {
    return error instanceof ApiError || (error as Error).name === 'AbortError' ? undefined : ApiError.offline();
  },
});

/** The body of a success. */
export async function ask<Body>(request: Promise<{ data?: Body }>): Promise<Body> {
  const { data } = await request;
  return data as Body;
}
