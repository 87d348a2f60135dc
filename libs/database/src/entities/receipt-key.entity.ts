import { Column, Entity, PrimaryColumn } from 'typeorm';
import { TIME } from './columns.js';

/** A public key with which receipts were signed. It stays after a rotation, so that old exports can still be checked. */
@Entity('receiptKeys')
export class ReceiptKey {
  /** The key's thumbprint (RFC 7638), in base64url. */
  @PrimaryColumn({ type: 'varchar', length: 43, primaryKeyConstraintName: 'pk_receipt_keys' })
  keyId: string;

  /** Ed25519, the 32 bytes in base64url. */
  @Column({ type: 'varchar', length: 43 })
  publicKey: string;

  @Column(TIME)
  createdAt: number;
}
