const TOKEN = /^[0-9a-f]{32}$/;
/** As DefDrive's ancestor made them, and as links of it still stand in mails. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The token of a link, as it is stored.
 * @param text a token, a UUID, or an address that ends with one
 * @returns none for anything else
 */
export function linkOf(text: string): string | undefined {
  const last = (text.trim().split('/').at(-1) ?? '').toLowerCase();
  return tokenOf(last);
}

/** @param hash of the address of a request */
export function tokenOf(hash: string): string | undefined {
  if (TOKEN.test(hash)) return hash;
  return UUID.test(hash) ? hash.replaceAll('-', '') : undefined;
}
