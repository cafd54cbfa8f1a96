/**
 * Addresses in the shared memory. Only the bookkeeping: whoever uses an address sees to it that the memory reaches it (`highWaterBytes`).
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
  /** The memory must be at least this long. */
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
      const after = free.findIndex(({ start }) => start >= address);
      const at = after < 0 ? free.length : after;
      const [before, next] = [free[at - 1], free[at]];
      const end = address + size;
      if ((before && before.end > address) || (next && next.start < end) || end > highWater) {
        throw new Error(`Range ${address} to ${end} was freed, but is not allocated`);
      }
      const joinsBefore = before?.end === address;
      const joinsNext = next?.start === end;
      const joined = { start: joinsBefore ? before.start : address, end: joinsNext ? next.end : end };
      free.splice(joinsBefore ? at - 1 : at, (joinsBefore ? 1 : 0) + (joinsNext ? 1 : 0), joined);
    },
    get highWaterBytes() {
      return highWater;
    },
    get allocatedBytes() {
      return allocated;
    },
  };
}

function rounded(bytes: number): number {
  return Math.ceil((bytes + TAIL_BYTES) / 64) * 64;
}
