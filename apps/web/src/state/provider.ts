import { addressOf } from './place.js';
import { router } from './router.svelte.js';

/** By whom else one can log in here, as people call it: the server writes it into the page. */
export const provider = document.documentElement.dataset.provider;

/** Where a log-in by the provider begins; it ends where we are now. */
export function logInAddress(): string {
  return `${addressOf('api/auth/oidc')}?${new URLSearchParams({ back: router.path })}`;
}
