/** Levels of a JSON body; no request of ours needs more than two. */
const DEEPEST = 16;
/** Objects and lists; a request of ours has three. */
const MOST_NESTS = 32;
/** Keys; the largest body of ours has a dozen. */
const MOST_KEYS = 64;
/** Values, in all lists and objects together; our largest list has 500. */
const MOST_VALUES = 1_024;

/**
 * Whether a JSON text is deeper, or has more in it, than any request of ours. To be asked before it is parsed: what
 * validates its values goes down into them by recursion and makes an error of each that it does not know, so a body of
 * 64 KiB could end that with a full stack, or keep everybody else waiting for a good part of a second.
 */
export function exceedsBounds(json: string): boolean {
  let depth = 0;
  const seen = { nests: 0, keys: 0, values: 0 };
  for (let at = 0; at < json.length; at++) {
    const letter = json[at];
    if (letter === '"') at = endOfString(json, at);
    else if (letter === ',') seen.values += 1;
    else if (letter === ':') seen.keys += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (letter === '{' || letter === '[') {
      depth += 1;
      seen.nests += 1;
    }
    if (depth > DEEPEST || seen.nests > MOST_NESTS || seen.keys > MOST_KEYS || seen.values > MOST_VALUES) return true;
  }
  return false;
}

/** Where the string ends that begins at `start`; the end of the text, if it never does. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at;
  }
  return json.length;
}
