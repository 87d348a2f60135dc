/** So much of commander's command as completion needs. */
export interface CommandLike {
  name(): string;
  description(): string;
  readonly commands: readonly CommandLike[];
  readonly options: readonly OptionLike[];
}

interface OptionLike {
  readonly long?: string | undefined;
  readonly description: string;
  /** Takes a value. */
  readonly required: boolean;
  readonly argChoices?: readonly string[];
}

/** A word that may stand next, and what it is for. */
export interface Word {
  readonly text: string;
  readonly about: string;
}

/** What may follow the words of a command. */
export interface Place {
  /** E.g. `users create`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly (Word & { readonly takesValue: boolean })[];
}

/** Every place of a program where words may be completed, the outermost first. */
export function placesOf(command: CommandLike, path = ''): Place[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  const place: Place = {
    path,
    commands: children.map((child) => ({ text: child.name(), about: firstSentence(child.description()) })),
    options: [
      ...command.options.flatMap(({ long, description, required }) =>
        long ? [{ text: long, about: firstSentence(description), takesValue: required }] : [],
      ),
      { text: '--help', about: 'What it does', takesValue: false },
    ],
  };
  return [
    place,
    ...children.flatMap((child) => placesOf(child, path === '' ? child.name() : `${path} ${child.name()}`)),
  ];
}

/** In one line and without what a shell reads something into. */
function firstSentence(text: string): string {
  return (/^[^.;:]*/.exec(text.replaceAll(/\s+/g, ' '))?.[0] ?? '').replaceAll(/["'`\\$]/g, '').trim();
}
