/**
 * Addresses in the shared memory. Only the bookkeeping: whoever uses an address sees to it that the memory reaches it (`highWaterBytes`).
 *
 * Invariant: every byte below the high water is in exactly one of: reserved page, allocated, free list. Sizes repeat (blocks of a file, accumulators
 * of a COG block), so a free list per size is enough and nothing is ever split.
 */

/** Address 0 is never given: it means "none" in slot tables. */
const FIRST_ADDRESS = 64 * 1024;

/** SIMD loads may reach this far past the end of what they use. */
const TAIL_BYTES = 64;

export type Arena = {
  /** An address, a multiple of 64, of at least `bytes` bytes; reused, so not zeroed. */
  allocate(bytes: number): number;
  /** Gives back what {@link allocate} gave, with the same size. */
  free(address: number, bytes: number): void;
  /** The memory must be at least this long. */
  readonly highWaterBytes: number;
  readonly allocatedBytes: number;
};

export function createArena(): Arena {
  const freeLists = new Map<number, number[]>();
  let next = FIRST_ADDRESS;
  let allocated = 0;
  return {
    allocate(bytes) {
      const size = rounded(bytes);
      allocated += size;
      const reused = freeLists.get(size)?.pop();
      if (reused !== undefined) return reused;
      const address = next;
      next += size;
      return address;
    },
    free(address, bytes) {
      const size = rounded(bytes);
      allocated -= size;
      const list = freeLists.get(size);
      if (list) list.push(address);
      else freeLists.set(size, [address]);
    },
    get highWaterBytes() {
      return next;
    },
    get allocatedBytes() {
      return allocated;
    },
  };
}

function rounded(bytes: number): number {
  return Math.ceil((bytes + TAIL_BYTES) / 64) * 64;
}
