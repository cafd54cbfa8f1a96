import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { progressLine, progressWords } from "./progress-line.ts";

const half = { stage: "compute", chunksDone: 360, chunksTotal: 720, bytesRead: 90_387_251 } as const;

describe("progressLine", () => {
  it.each([
    [200, "[███████████████░░░░░░░░░░░░░░░]  50 % 360 of 720 chunks, 86.2 MiB read, 1 min 5 s, 1 min 5 s left"],
    [80, "[██████░░░░░░]  50 % 360 of 720 chunks, 86.2 MiB read, 1 min 5 s, 1 min 5 s left"],
    [66, " 50 % 360 of 720 chunks, 86.2 MiB read, 1 min 5 s, 1 min 5 s left"],
    [64, "[██████░░░░░]  50 % 360 of 720 chunks, 1 min 5 s, 1 min 5 s left"],
    [40, " 50 % 360 of 720 chunks, 1 min 5 s left"],
    [20, " 50 % 1 min 5 s left"],
    [17, "[█████░░░░]  50 %"],
    [6, " 50 %"],
    [2, "50"],
    [0, ""],
  ])("at %i columns", (columns, want) => {
    expect(progressLine(half, 65, columns)).toBe(want);
  });

  it("is never wider than the terminal, whatever it says", () => {
    const progress = fc.nat(100_000).chain((chunksTotal) =>
      fc.record({
        stage: fc.constantFrom("compute" as const, "write" as const),
        chunksTotal: fc.constant(chunksTotal),
        chunksDone: fc.nat(chunksTotal),
        bytesRead: fc.maxSafeNat(),
      }),
    );
    fc.assert(
      fc.property(progress, fc.double({ min: 0, max: 1e7, noNaN: true }), fc.nat(200), (shown, seconds, columns) => {
        expect(progressLine(shown, seconds, columns).length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe("progressWords", () => {
  it("has all parts and no bar", () => {
    expect(progressWords(half, 65)).toBe(" 50 % 360 of 720 chunks, 86.2 MiB read, 1 min 5 s, 1 min 5 s left");
    expect(progressWords({ ...half, stage: "write", chunksDone: 720 }, 2)).toBe("100 % writing the images, 86.2 MiB read, 2.0 s");
  });
});
