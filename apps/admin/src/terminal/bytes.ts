import prettyBytes from 'pretty-bytes';

/** @param bytes e.g. 1536 @returns e.g. `1.5 KiB` */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}
