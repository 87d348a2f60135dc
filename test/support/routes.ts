import type { Drive } from './drive.js';

/** A route of the server. */
export interface Route {
  readonly method: string;
  readonly url: string;
}

/** Swagger UI, which Nest does not know as routes of ours. */
const DOCS = /^\/(docs|api\/docs)(\/|$)/;

/** The routes of the server itself, from its printed tree: a route is the parts of the lines above it, less indented. */
export function everyRoute(drive: Drive): Route[] {
  const tree: string = drive.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
  const parts: string[] = [];
  return tree
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods] = /^([│ ]*)[└├]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
      parts.splice(indent.length / 4, Infinity, part);
      return (methods?.split(', ') ?? []).map((method) => ({ method, url: parts.join('') }));
    })
    .filter(({ url }) => !DOCS.test(url));
}

/** The route's address, with an id that nothing has. */
export const addressOf = ({ url }: Route): string => url.replaceAll(/:\w+/g, '2147483647');
