import { createRequire } from 'node:module';

/** An entry of the list, which knows many programs that fetch pages by themselves (its own types leave out the tags). */
interface Listed {
  readonly pattern: string;
  readonly tags: readonly string[];
}

/**
 * Whom the page is for: programs that show a link in a chat or a mail, and those that follow whatever somebody wrote.
 * None of them hands the bytes to anybody. HTTP libraries and download managers are on the list, too, under other tags.
 */
const TAGS = ['social-preview', 'search-engine', 'ai-crawler', 'scanner'];
/** Names whose answer is kept: the pattern is long, and the same few programs ask again and again. */
const MAX_KEPT = 1_000;

let known: RegExp | undefined;
const kept = new Map<string, boolean>();

/** Whether a request comes from a program that shows links, or looks at them, by its `User-Agent`. Known, never guessed. */
export function isPreview(userAgent: string | undefined): boolean {
  if (userAgent === undefined) return false;
  const before = kept.get(userAgent);
  if (before !== undefined) return before;
  known ??= compile();
  const isKnown = known.test(userAgent);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(userAgent, isKnown);
  return isKnown;
}

/** By `require`: as an ES module the list is imported as JSON, of which Node 20 warns. Read when it is first asked for. */
function compile(): RegExp {
  const list = createRequire(import.meta.url)('crawler-user-agents') as Listed[];
  const patterns = list
    .filter(({ tags }) => tags.some((tag) => TAGS.includes(tag)) && !tags.includes('http-library'))
    .map(({ pattern }) => `(?:${pattern})`);
  return new RegExp(patterns.join('|'));
}
