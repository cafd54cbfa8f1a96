/**
 * Addresses in the shared memory. Only the bookkeeping: whoever uses an address sees to it that it lies in the memory (`highWaterBytes`).
 *
 * First fit, lowest address first, so that the memory stays as short as it can; neighbouring free ranges are joined. There are some hundred ranges at
 * most, so plain lists do. Invariant: free ranges are sorted, do not touch, and end below the high water.
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
  /** No address given so far lies beyond. */
  readonly highWaterBytes: number;
  readonly allocatedBytes: number;
};

type Range = { readonly start: number; readonly end: number };

export function createArena(): Arena {
  const free: Range[] = [];
  let highWater = FIRST_ADDRESS;
  let allocated = 0;
  return {
    allocate(bytes) {
      const size = rounded(bytes);
      allocated += size;
      const at = free.findIndex(({ start, end }) => end - start >= size);
      const range = free[at];
      if (!range) {
        const address = highWater;
        highWater += size;
        return address;
      }
      if (range.end - range.start === size) free.splice(at, 1);
      else free[at] = { start: range.start + size, end: range.end };
      return range.start;
    },
    free(address, bytes) {
      const size = rounded(bytes);
      allocated -= size;
      const range = { start: address, end: address + size };
      if (range.end > highWater || free.some((other) => other.start < range.end && range.start < other.end)) {
        throw new Error(`Range ${range.start} to ${range.end} was freed, but is not allocated`);
      }
      insert(free, range);
    },
    get highWaterBytes() {
      return highWater;
    },
    get allocatedBytes() {
      return allocated;
    },
  };
}

/** Puts a range in its place, joined with the neighbours that it touches. */
function insert(free: Range[], { start, end }: Range): void {
  const before = free.findIndex((range) => range.end === start);
  const from = before < 0 ? start : (free.splice(before, 1)[0]?.start ?? start);
  const after = free.findIndex((range) => range.start === end);
  const to = after < 0 ? end : (free.splice(after, 1)[0]?.end ?? end);
  const next = free.findIndex((range) => range.start > from);
  free.splice(next < 0 ? free.length : next, 0, { start: from, end: to });
}

function rounded(bytes: number): number {
  return Math.ceil((bytes + TAIL_BYTES) / 64) * 64;
}
