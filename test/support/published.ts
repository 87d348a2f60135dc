import { codeOf, type ErrorName, ERRORS } from '@app/contract';

/** The code of each text of the catalogue. */
export const CODES: Record<string, string> = Object.fromEntries(
  Object.entries(ERRORS).map(([name, { text }]) => [text, codeOf(name as ErrorName)]),
);

/** The body of an error as the catalogue has it, without its request id. @param error its text */
export function published(error: string): { error: string; code: string } {
  const code = CODES[error];
  if (!code) throw new Error(`The catalogue has no error «${error}»`);
  return { error, code };
}
