/**
 * Where the bytes of a file of the ancestor may lie below its `uploads`: it kept a path that began there, in a container
 * with another root, or a mere name.
 * @param location as its table has it
 * @returns paths that stay below the directory, the likeliest first
 */
export function placesOf(location: string): string[] {
  const parts = location
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..')) return [];
  const behind = parts.slice(parts.indexOf('uploads') + 1);
  return [...new Set([behind.join('/'), parts.at(-1)!])].filter((path) => path !== '');
}
