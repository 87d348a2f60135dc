import { describe, expect, it } from 'vitest';
import { requireMatch } from './if-match.js';

const SUM = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

describe('requireMatch', () => {
  it.each([undefined, '*', ' * ', `"${SUM}"`, `"${OTHER}", "${SUM}"`, `W/"${SUM}","${SUM}"`, `"x,y" , "${SUM}"`])(
    'lets %j pass',
    (ifMatch) => expect(() => requireMatch({ sha256: SUM }, ifMatch)).not.toThrow(),
  );

  it.each(['', `"${OTHER}"`, `W/"${SUM}"`, SUM, `"${SUM}`, `"${SUM.toUpperCase()}"`, '"*"', `"${OTHER}", W/"${SUM}"`])(
    'refuses %j',
    (ifMatch) => expect(() => requireMatch({ sha256: SUM }, ifMatch)).toThrow('Precondition failed'),
  );
});
