/** Files that a document names, and as what a browser asks for them. */
const FILES: [RegExp, string][] = [
  [/<(?:script|link rel="modulepreload")[^>]* (?:src|href)="\.\/([^"]+\.js)"/g, 'rel=modulepreload'],
  [/<link rel="stylesheet"[^>]* href="\.\/([^"]+)"/g, 'rel=preload; as=style'],
];
/** What the page asks first of all: who is asking, */
const WHO = 'api/user';
/** and at its first screen for the files, as they are sorted unless somebody has chosen another order. */
const LIST = 'api/files?position=0&limit=100&sort=-createdAt';

/**
 * What a document is going to ask for, as a `Link` header: a browser asks for it before it has read the document, and who is
 * asking is known by the time the scripts run. On a slow line that is one way to the server and back less.
 */
export class ToldAhead {
  /** Path below the drive, and how it is asked for. */
  private readonly files: [string, string][];

  constructor(html: string) {
    this.files = FILES.flatMap(([pattern, how]) =>
      [...html.matchAll(pattern)].map(([, path]): [string, string] => [path!, `${how}; crossorigin`]),
    );
  }

  /**
   * @param known whether it is known who asks
   * @param listed whether the list of files is what is opened
   * @param up from the address that was asked for to the drive's own, `./` or some `../`
   */
  header(known: boolean, listed: boolean, up: string): string {
    // Who brings no cookie would often only be told that nobody is logged in.
    const asked = known ? [WHO, ...(listed ? [LIST] : [])] : [];
    const all = [...this.files, ...asked.map((path) => [path, 'rel=preload; as=fetch; crossorigin'] as const)];
    return all.map(([path, how]) => `<${up}${path}>; ${how}`).join(', ');
  }
}
