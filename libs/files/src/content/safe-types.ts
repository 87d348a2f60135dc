/**
 * What a browser may show instead of only saving it, by the extension of the name: pictures of dots, sound, moving
 * pictures and plain text. Nothing in which somebody's markup or script could run: no SVG, no HTML, no PDF. Nobody sniffs
 * (`nosniff`), so a name that lies gets a picture that is broken, and no more.
 */
const TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  m4v: 'video/mp4',
  mp4: 'video/mp4',
  ogv: 'video/ogg',
  webm: 'video/webm',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
};
const TEXT = new Set(['csv', 'log', 'md', 'text', 'tsv', 'txt']);

/** The type under which a file may be shown; none: it may not. @param extension in lower case, without the dot */
export function safeType(extension: string): string | undefined {
  if (TEXT.has(extension)) return 'text/plain; charset=utf-8';
  return Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
}
