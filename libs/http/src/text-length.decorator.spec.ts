import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { TextLength } from './text-length.decorator.js';

class Note {
  @TextLength(2, 4)
  text: unknown;
}

const faults = (text: unknown) => validateSync(Object.assign(new Note(), { text }));

describe('TextLength', () => {
  it.each(['ab', 'abcd', '  ', '😀😀', '😀😀😀😀', 'é\u0301'])('takes %j', (text) => {
    expect(faults(text)).toEqual([]);
  });

  it.each(['', 'a', '😀', 'abcde', '😀😀😀😀😀', 'a\ufe0fb\ufe0fc\ufe0f', 'ab\ud800', undefined, 12, ['ab', 'cd']])(
    'refuses %j',
    (text) => {
      expect(faults(text)[0]?.constraints).toEqual({ textLength: 'text must be text of 2 to 4 characters' });
    },
  );
});
