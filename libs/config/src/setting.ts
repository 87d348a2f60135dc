import type { Parse } from './values.js';

/** A setting: a variable of the environment. Parser, `config show`, errors and README's table are made from it. */
export interface Setting<Value> {
  readonly variable: string;
  readonly parse: Parse<Value>;
  /** What it is for, in README's words. */
  readonly about: string;
  /** The text that stands for it where it is not given. Without one the setting has no value then. */
  readonly byDefault?: string;
  /** What having no value means, for people. */
  readonly absent?: string;
  /** How `config show` prints a value that is given; without it as it stands in the environment. */
  readonly show?: (text: string) => string;
}
