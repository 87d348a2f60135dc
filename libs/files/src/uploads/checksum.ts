import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import { ContractError } from '@app/contract';

/** What `Upload-Checksum` may name. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256'] as const;

/** What a part of an upload must amount to. */
export class Checksum {
  private readonly hash: Hash;

  private constructor(
    algorithm: string,
    private readonly expected: Buffer,
  ) {
    this.hash = createHash(algorithm);
  }

  /**
   * Reads `<algorithm> <base64>`.
   * @throws ContractError checksumUnsupported, invalidUpload
   */
  static parse(header: string): Checksum {
    const [algorithm = '', text = '', ...more] = header.trim().split(' ');
    if (!(CHECKSUM_ALGORITHMS as readonly string[]).includes(algorithm)) throw new ContractError('checksumUnsupported');
    const expected = Buffer.from(text, 'base64');
    const checksum = new Checksum(algorithm, expected);
    const isDigest = more.length === 0 && expected.toString('base64') === text;
    if (!isDigest || expected.length !== createHash(algorithm).digest().length) {
      throw new ContractError('invalidUpload', { text: 'Upload-Checksum must be an algorithm and a digest in Base64' });
    }
    return checksum;
  }

  update(chunk: Buffer): void {
    this.hash.update(chunk);
  }

  /** @throws ContractError checksumMismatch */
  verify(): void {
    if (!timingSafeEqual(this.hash.digest(), this.expected)) throw new ContractError('checksumMismatch');
  }
}
