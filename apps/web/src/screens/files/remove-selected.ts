import { actions } from '../../state/actions.svelte.js';
import { selection } from '../../state/selection.svelte.js';

/** Asks for the deletion of what is selected; what is gone is no longer selected. */
export function removeSelected(): void {
  actions.remove([...selection.files.values()], (ids) => selection.forget(ids));
}
