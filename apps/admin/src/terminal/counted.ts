/** A number and what it counts: `1 file`, `2 files`. @param many where it is not the word with an s */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
