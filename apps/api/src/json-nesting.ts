/** Levels of a JSON body; no request of ours needs more than two. */
const DEEPEST = 16;

/**
 * Whether a JSON text nests deeper than any request of ours. To be asked before it is parsed: what validates its values
 * goes down into them by recursion, and a body of 64 KiB can be deep enough to end that with a full stack.
 */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const letter = json[at];
    if (inString) {
      if (letter === '\\') at += 1;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}
