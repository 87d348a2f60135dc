import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';

/** What stands before the 32 bytes of a seed in PKCS #8, and of a public key in SPKI (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key that checks receipts, as a JSON Web Key (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** The key itself, in base64url. */
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** A key that signs receipts. */
export class SigningKey {
  readonly keyId: string;
  /** In base64url. */
  readonly publicKey: string;

  private constructor(private readonly key: KeyObject) {
    this.publicKey = createPublicKey(key).export({ format: 'jwk' }).x!;
    this.keyId = thumbprintOf(this.publicKey);
  }

  /** @param seed 32 bytes, in base64 or base64url */
  static of(seed: string): SigningKey {
    const key = Buffer.concat([PKCS8, Buffer.from(seed, 'base64')]);
    return new SigningKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  }

  /** @returns the signature in base64url */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.key).toString('base64url');
  }
}

/** The public half by which anybody checks what was signed with the key. */
export function jwkOf({ keyId, publicKey }: { keyId: string; publicKey: string }): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: publicKey, kid: keyId, use: 'sig', alg: 'EdDSA' };
}

/** RFC 7638: a name of the key that nobody can give to another one. */
export function thumbprintOf(publicKey: string): string {
  return hash('sha256', JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x: publicKey }), 'buffer').toString('base64url');
}
