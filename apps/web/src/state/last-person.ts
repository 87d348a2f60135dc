import { actions } from './actions.svelte.js';
import { fileList } from './file-list.svelte.js';
import { selection } from './selection.svelte.js';
import { usage } from './usage.svelte.js';

let last: number | undefined;

/** What this window holds of somebody who used it before is not for who uses it now; who comes back finds it. */
export function forgetOthersThan(userId: number): void {
  if (last !== undefined && last !== userId) {
    fileList.clear();
    selection.clear();
    usage.limits = undefined;
    actions.close();
  }
  last = userId;
}
