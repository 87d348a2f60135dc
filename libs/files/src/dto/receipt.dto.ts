import type { Receipt } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';
import type { ReceiptContent } from '../receipts/receipt-hash.js';
import type { Signed } from '../receipts/receipt-signer.js';

const HASH = { type: String, pattern: '^[0-9a-f]{64}$' } as const;
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const TIME = { type: String, format: 'date-time', example: '2026-11-27T09:30:00.000Z' } as const;

/** The proof of a delete: what was deleted and when, linked to the owner's delete before it, and signed. */
export class ReceiptDto implements ReceiptContent, Signed {
  @ApiProperty({ type: 'integer', example: 42 })
  fileId: number;

  @ApiProperty({ type: 'integer', example: 7, description: 'Counts your deletes from 1, without gaps' })
  sequence: number;

  @ApiProperty({ type: String, pattern: '^[0-9a-f]{32}$', example: '0f8a61c2d5b7934e0f8a61c2d5b7934e' })
  chain: string;

  @ApiProperty({ type: 'integer', format: 'int64', example: 1024, description: 'Bytes' })
  size: number;

  @ApiProperty({ ...HASH, example: SHA256, description: 'Of the bytes that were deleted' })
  sha256: string;

  @ApiProperty({ type: 'integer', example: 2, description: 'Links that went with the file' })
  accesses: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Downloads that the delete has cut' })
  downloadsEnded: number;

  @ApiProperty(TIME)
  deletedAt: string;

  @ApiProperty({ ...TIME, nullable: true, description: 'When the bytes were gone for good; null while they wait' })
  bytesGoneAt: string | null;

  @ApiProperty({
    ...HASH,
    nullable: true,
    example: SHA256,
    description: 'hash of the receipt before; null on the first',
  })
  previousHash: string | null;

  @ApiProperty({ ...HASH, example: SHA256, description: 'docs/RECEIPTS.md says of what' })
  hash: string;

  @ApiProperty({ type: String, description: 'Ed25519, over hash and bytesGoneAt, in base64url' })
  signature: string;

  @ApiProperty({ type: String, description: 'Which of the public keys checks the signature' })
  keyId: string;

  /** @param sign signs a receipt as it is answered now */
  static of(
    row: Omit<Receipt, 'ownerId' | 'owner'>,
    sign: (receipt: Pick<ReceiptDto, 'hash' | 'bytesGoneAt'>) => Signed,
  ) {
    const { fileId, sequence, chain, size, sha256, accesses, downloadsEnded, previousHash, hash } = row;
    const deletedAt = new Date(row.deletedAt).toISOString();
    const bytesGoneAt = row.bytesGoneAt === null ? null : new Date(row.bytesGoneAt).toISOString();
    const times = { deletedAt, bytesGoneAt };
    const content = { fileId, sequence, chain, size, sha256, accesses, downloadsEnded, ...times, previousHash, hash };
    return { ...content, ...sign({ hash, bytesGoneAt }) } satisfies ReceiptDto;
  }
}

export class ReceiptBody {
  @ApiProperty({ type: ReceiptDto })
  receipt: ReceiptDto;
}

export class ReceiptPageBody {
  @ApiProperty({ type: [ReceiptDto] })
  receipts: ReceiptDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Give it as cursor for the next page; null on the last' })
  nextCursor: string | null;
}

export class PublicKeyDto {
  @ApiProperty({ type: String, enum: ['OKP'] })
  kty: 'OKP';

  @ApiProperty({ type: String, enum: ['Ed25519'] })
  crv: 'Ed25519';

  @ApiProperty({ type: String, description: 'The key itself, in base64url' })
  x: string;

  @ApiProperty({ type: String, description: 'keyId of the receipts that it checks: its thumbprint (RFC 7638)' })
  kid: string;

  @ApiProperty({ type: String, enum: ['sig'] })
  use: 'sig';

  @ApiProperty({ type: String, enum: ['EdDSA'] })
  alg: 'EdDSA';
}

/** A JSON Web Key Set (RFC 7517). */
export class PublicKeysBody {
  @ApiProperty({ type: [PublicKeyDto] })
  keys: PublicKeyDto[];
}
