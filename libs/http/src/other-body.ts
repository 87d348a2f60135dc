/** Stands for a body that is no JSON, in the place of what it would be parsed to; whoever wants its bytes reads them. */
export const OTHER_BODY = Object.freeze({});
