/** Where this page is, ending in a slash: the drive may stand below any path of its host. */
const here = import.meta.url;
export const BASE: string = import.meta.env.DEV ? `${location.origin}/` : new URL('..', here).href;

/** The address of something on this server, such as `api/files`. */
export function addressOf(path: string): string {
  return new URL(path.replace(/^\//, ''), BASE).href;
}
