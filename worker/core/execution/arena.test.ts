import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createArena } from "./arena.ts";

describe("createArena", () => {
  it("gives addresses on multiples of 64, never 0, and says how far the memory must reach", () => {
    const arena = createArena();
    const [a, b] = [arena.allocate(1), arena.allocate(100)];
    expect([a % 64, b % 64]).toEqual([0, 0]);
    expect(a).toBeGreaterThan(0);
    expect(b).toBeGreaterThanOrEqual(a + 1);
    expect(arena.highWaterBytes).toBeGreaterThanOrEqual(b + 100);
  });

  it("reuses what was given back, for the same size only", () => {
    const arena = createArena();
    const [small, large] = [arena.allocate(1000), arena.allocate(5000)];
    arena.free(small, 1000);
    const high = arena.highWaterBytes;
    expect(arena.allocate(5000)).not.toBe(small);
    expect(arena.allocate(1000)).toBe(small);
    expect(arena.highWaterBytes).toBeGreaterThan(high);
    expect(large).not.toBe(small);
  });

  it("never gives two who hold memory the same bytes, and counts what is held", () => {
    const step = fc.record({ bytes: fc.constantFrom(0, 1, 63, 64, 65, 1000, 524_288), free: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const arena = createArena();
        const held: { readonly at: number; readonly bytes: number }[] = [];
        for (const { bytes, free, which } of steps) {
          const [given] = free ? held.splice(which % Math.max(1, held.length), 1) : [];
          if (given) arena.free(given.at, given.bytes);
          else held.push({ at: arena.allocate(bytes), bytes });
          const sorted = held.toSorted((a, b) => a.at - b.at);
          // SIMD may read 64 bytes past the end of each.
          sorted.forEach(({ at, bytes }, i) => expect(at + bytes + 64).toBeLessThanOrEqual(sorted[i + 1]?.at ?? arena.highWaterBytes));
        }
        for (const { at, bytes } of held) arena.free(at, bytes);
        expect(arena.allocatedBytes).toBe(0);
      }),
    );
  });
});
