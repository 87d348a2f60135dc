/** A lib, and the libs whose door it may enter; the lowest first. */
export const ARROWS: Record<string, string[]>;
