import type { Room } from '@app/accounts';
import { ContractError } from '@app/contract';

/**
 * The bytes of each owner's uploads that are under way and have no room reserved: what has come in so far. Together they may
 * be no more than the owner may have at all, or uploads that never end would fill a disk that is not theirs.
 */
export class BytesInFlight {
  private readonly byOwner = new Map<number, number>();

  /** Begins to count an upload. */
  of(ownerId: number, room: Room): { grow(size: number): void; end(): void } {
    let counted = 0;
    const grow = (size: number) => {
      const together = this.count(ownerId) + size - counted;
      if (together > room.maxStorage) throw tooMuch(room, size);
      this.byOwner.set(ownerId, together);
      counted = size;
    };
    const end = () => {
      const left = this.count(ownerId) - counted;
      counted = 0;
      if (left > 0) this.byOwner.set(ownerId, left);
      else this.byOwner.delete(ownerId);
    };
    return { grow, end };
  }

  private count(ownerId: number): number {
    return this.byOwner.get(ownerId) ?? 0;
  }
}

function tooMuch({ usedBytes, maxStorage }: Room, fileSize: number): ContractError {
  return new ContractError('storageLimitExceeded', { fields: { currentStorage: usedBytes, maxStorage, fileSize } });
}
