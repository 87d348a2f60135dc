import screens from '../screens/screens.json';
import { BASE } from './place.js';

export interface Place {
  /** One of screens.json, or `none`. */
  readonly screen: string;
  readonly params: Record<string, string>;
}

/** Which screen this address shows; the server goes by the same list. */
export function match(path: string): Place {
  for (const screen of screens) {
    const names = [...screen.matchAll(/:(\w+)/g)].map(([, name]) => name!);
    const found = new RegExp(`^${screen.replace(/:\w+/g, '([^/]+)')}$`).exec(path);
    if (found) return { screen, params: Object.fromEntries(names.map((name, n) => [name, found[n + 1]!])) };
  }
  return { screen: 'none', params: {} };
}

class Router {
  path = $state(pathOf(location.href));
  readonly place = $derived(match(this.path));

  /** Follows links within the page without loading it anew, and the browser's back and forward. */
  start(): void {
    addEventListener('popstate', () => (this.path = pathOf(location.href)));
    addEventListener('click', (event) => {
      const link = (event.target as Element).closest?.('a');
      if (!link || event.defaultPrevented || event.button !== 0 || link.target || link.hasAttribute('download')) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || !link.href.startsWith(BASE)) return;
      const path = pathOf(link.href);
      if (match(path).screen === 'none') return;
      event.preventDefault();
      this.go(path);
    });
  }

  go(path: string, replace = false): void {
    const url = new URL(path.slice(1), BASE).href;
    if (url !== location.href) history[replace ? 'replaceState' : 'pushState'](null, '', url);
    this.path = path;
  }
}

function pathOf(url: string): string {
  const { pathname, origin } = new URL(url);
  return `/${`${origin}${pathname}`.slice(BASE.length)}`;
}

export const router = new Router();
/** The address of a screen, for links. */
export const href = (path: string): string => new URL(path.slice(1), BASE).pathname;
