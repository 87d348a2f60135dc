/** The page's own files. */
export const CACHE = 'defdrive-page-1';
/** Files that another program shared, until they are uploaded. */
export const SHARED_CACHE = 'defdrive-shared';

/** The key of a shared file, which holds its name. */
export function sharedName(scope: string, n: number, name: string): string {
  return `${scope}shared/${Date.now()}-${n}/${encodeURIComponent(name)}`;
}
