/** The page's own files, as one build made them: the build writes its stamp here (`apps/web/stamp.ts`). */
export const CACHE = 'defdrive-page-__STAMP__';
/** Files that another program shared, until they are uploaded. */
export const SHARED_CACHE = 'defdrive-shared';

/** The key of a shared file, which holds its name. */
export function sharedName(scope: string, n: number, name: string): string {
  return `${scope}shared/${Date.now()}-${n}/${encodeURIComponent(name)}`;
}
