/** The progress of a run as one line of at most so many columns: what matters least goes first where the terminal is narrow. */
import type { Progress } from "../worker/roles/local-run.ts";
import { formatBytes, formatSeconds } from "./format.ts";

const MAX_BAR_CELLS = 30;
/** A shorter bar says less than the percentage beside it. */
const MIN_BAR_CELLS = 8;

/**
 * `[███░░░]  42 % 5 of 12 chunks, 86.2 MiB read, 4.2 s, 5.8 s left` in at most `columns` columns. Narrower: a shorter bar, then none; then without the
 * bytes, the time gone, the time left, what is counted; at last the percentage alone, cut.
 */
export function progressLine(progress: Progress, seconds: number, columns: number): string {
  const { percent, counted, read, gone, left } = partsOf(progress, seconds);
  const choices = [[counted, read, gone, left], [counted, gone, left], [counted, left], [left], []].map((parts) =>
    `${percent} ${parts.filter((part) => part !== "").join(", ")}`.trimEnd(),
  );
  const words = choices.find((line) => line.length <= columns) ?? percent.trim().slice(0, Math.max(0, columns));
  const cells = Math.min(MAX_BAR_CELLS, columns - words.length - "[] ".length);
  return cells < MIN_BAR_CELLS ? words : `${bar(shareOf(progress), cells)} ${words}`;
}

/** The same without a bar, for a log. */
export function progressWords(progress: Progress, seconds: number): string {
  const { percent, ...parts } = partsOf(progress, seconds);
  const words = Object.values(parts).filter((part) => part !== "");
  return `${percent} ${words.join(", ")}`;
}

type Parts = Readonly<Record<"percent" | "counted" | "read" | "gone" | "left", string>>;

function partsOf(progress: Progress, seconds: number): Parts {
  const share = shareOf(progress);
  return {
    percent: `${String(Math.floor(share * 100)).padStart(3)} %`,
    counted: progress.stage === "compute" ? `${progress.chunksDone} of ${progress.chunksTotal} chunks` : "writing the images",
    read: `${formatBytes(progress.bytesRead)} read`,
    gone: formatSeconds(seconds),
    left: share > 0.02 && share < 1 ? `${formatSeconds((seconds / share) * (1 - share))} left` : "",
  };
}

function shareOf({ chunksDone, chunksTotal }: Progress): number {
  return chunksTotal === 0 ? 1 : chunksDone / chunksTotal;
}

function bar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return `[${"█".repeat(full)}${"░".repeat(cells - full)}]`;
}
