/** The arithmetic and the table of the bench. */
import type { Comparison } from "../support/python.ts";

/** What the sampler saw of one whole command. */
export type Measured = { readonly wallSeconds: number; readonly peakResidentBytes: number };

/** Medians of one side, and each run's values. */
type Side = { readonly wallSeconds: number; readonly peakResidentBytes: number; readonly runs: readonly Measured[] };

/** Both sides of one row; `faster` and `smaller` say how many times. */
type Sides = { readonly mayfly: Side; readonly dask: Side; readonly faster: number; readonly smaller: number };

/** One line of the table. */
export type BenchRow = Sides & { readonly name: string; readonly label: string; readonly groups: readonly Comparison[] };

/** Medians and ratios of alternating runs. */
export function compareSides(mayfly: readonly Measured[], dask: readonly Measured[]): Sides {
  const [ours, theirs] = [side(mayfly), side(dask)];
  return {
    mayfly: ours,
    dask: theirs,
    faster: theirs.wallSeconds / ours.wallSeconds,
    smaller: theirs.peakResidentBytes / ours.peakResidentBytes,
  };
}

/** Markdown. Times in seconds, memory in MiB. */
export function benchTable(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => {
    const memory = [row.dask, row.mayfly].map((one) => (one.peakResidentBytes / 2 ** 20).toFixed(0));
    const time = [row.dask, row.mayfly].map((one) => one.wallSeconds.toFixed(2));
    return `| ${row.label} | ${time.join(" | ")} | **${row.faster.toFixed(1)} x** | ${memory.join(" | ")} | **${row.smaller.toFixed(1)} x** |`;
  });
  const head = ["| | Dask, s | Mayfly, s | faster | Dask, MiB | Mayfly, MiB | smaller |", "|---|---:|---:|---:|---:|---:|---:|"];
  return [...head, ...lines].join("\n");
}

function side(runs: readonly Measured[]): Side {
  return {
    wallSeconds: median(runs.map((run) => run.wallSeconds)),
    peakResidentBytes: median(runs.map((run) => run.peakResidentBytes)),
    runs: runs.map(({ wallSeconds, peakResidentBytes }) => ({ wallSeconds, peakResidentBytes })),
  };
}

/** The middle value; of an even number the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const pair = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return pair.reduce((sum, value) => sum + value, 0) / pair.length;
}
