/**
 * Which of a job's reductions wait: a set of whole numbers below a bound, in one bit each, with the next member after any number found in a few
 * steps even among ten millions.
 *
 * Invariant: a bit of a level is 1 exactly where the 32 bits under it in the level below are not all 0.
 */
export class WaitingSet {
  /** Level 0 has a bit a number; each further one a bit for 32 of the level below. */
  readonly #levels: readonly Uint32Array[];
  #size = 0;

  constructor(bound: number) {
    const levels: Uint32Array[] = [];
    let words = bound;
    do {
      words = Math.ceil(words / 32);
      levels.push(new Uint32Array(Math.max(1, words)));
    } while (words > 1);
    this.#levels = levels;
  }

  get size(): number {
    return this.#size;
  }

  has(value: number): boolean {
    return bit(this.#levels[0], value);
  }

  /** Adds what is not in it. */
  add(value: number): void {
    if (this.has(value)) return;
    this.#size++;
    let at = value;
    for (const level of this.#levels) {
      level[at >>> 5] = (level[at >>> 5] ?? 0) | (1 << (at & 31));
      at >>>= 5;
    }
  }

  /** Takes out what is in it. */
  delete(value: number): void {
    if (!this.has(value)) return;
    this.#size--;
    let at = value;
    for (const level of this.#levels) {
      const rest = (level[at >>> 5] ?? 0) & ~(1 << (at & 31));
      level[at >>> 5] = rest;
      if (rest !== 0) return;
      at >>>= 5;
    }
  }

  /** The least member that is at least `from`, or undefined. */
  next(from: number): number | undefined {
    let at = from;
    for (const [height, level] of this.#levels.entries()) {
      if (at >>> 5 >= level.length) return undefined;
      const word = (level[at >>> 5] ?? 0) & (-1 << (at & 31));
      if (word !== 0) return this.#lowestUnder(height, ((at >>> 5) << 5) + lowestBit(word));
      at = (at >>> 5) + 1;
    }
    return undefined;
  }

  #lowestUnder(height: number, place: number): number {
    let at = place;
    for (let level = height - 1; level >= 0; level--) at = (at << 5) + lowestBit(this.#levels[level]?.[at] ?? 0);
    return at;
  }
}

function bit(words: Uint32Array | undefined, at: number): boolean {
  return ((words?.[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0;
}

/** Its place, 0 to 31; of a word that is not 0. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
