/** Markup that is safe to send: made by `html` alone. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[] | undefined;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * A template of markup. Every value is text, in which nothing is markup, unless it was made by `html` itself; so nobody
 * has to remember to escape a file's name. Attributes must stand in quotation marks.
 */
export function html(markup: TemplateStringsArray, ...values: Part[]): Html {
  return new Html(markup.map((text, at) => text + render(values[at])).join(''));
}

function render(value: Part): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return String(value).replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}
