import { AppConfig } from '@app/config';
import { readOrCreateSecret, RECEIPT_SECRET } from '@app/data-directory';
import { isUniqueViolation, ReceiptKey, UnitOfWork } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type ChainHead, headTextOf, signedTextOf } from './receipt-hash.js';
import { jwkOf, type PublicJwk, SigningKey } from './receipt-key.js';

export interface Signed {
  /** Ed25519, in base64url. */
  readonly signature: string;
  readonly keyId: string;
}

/** Signs receipts with the drive's key, and knows the public halves of all keys that ever did. */
@Injectable()
export class ReceiptSigner {
  private loaded: SigningKey | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /** Loads the key, made on the first start, and publishes its public half, before anything is signed with it. */
  async open(): Promise<Pick<SigningKey, 'keyId'>> {
    const { receiptKey, dataDir } = this.config;
    const key = SigningKey.of(receiptKey ?? readOrCreateSecret(dataDir, RECEIPT_SECRET));
    const { keyId, publicKey } = key;
    if (!(await this.dataSource.manager.existsBy(ReceiptKey, { keyId }))) {
      const row = { keyId, publicKey, createdAt: Date.now() };
      await this.units
        .run((unit) => unit.manager.insert(ReceiptKey, row))
        .catch((error: unknown) => {
          // Another server with the same key was first.
          if (!isUniqueViolation(error)) throw error;
        });
    }
    this.loaded = key;
    return key;
  }

  signReceipt(receipt: { readonly hash: string; readonly bytesGoneAt: string | null }): Signed {
    return this.sign(signedTextOf(receipt));
  }

  signHead(head: ChainHead): Signed {
    return this.sign(headTextOf(head));
  }

  /** The public halves, the oldest first. */
  async publicKeys(): Promise<PublicJwk[]> {
    const keys = await this.dataSource.manager.find(ReceiptKey, { order: { createdAt: 'ASC', keyId: 'ASC' } });
    return keys.map(jwkOf);
  }

  private sign(text: string): Signed {
    if (!this.loaded) throw new Error('The key of the receipts is not open');
    return { signature: this.loaded.sign(text), keyId: this.loaded.keyId };
  }
}
