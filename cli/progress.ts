/** Progress on stderr: one line drawn over and over on a terminal, plain lines or JSON lines elsewhere. */
import type { Progress } from "../worker/roles/local-run.ts";
import { formatBytes, formatSeconds } from "./format.ts";

export type ProgressKind = "auto" | "plain" | "json" | "none";

export type ProgressView = {
  show(progress: Progress): void;
  /** Leaves the terminal's line. */
  end(): void;
};

/** How often a line is written: a terminal is redrawn, a log is read. */
const REDRAW_SECONDS = 0.1;
const LINE_SECONDS = 2;

const BAR_CELLS = 30;

/** `elapsed`: seconds since the start, from a monotonic clock. */
export function createProgressView(kind: ProgressKind, stream: NodeJS.WriteStream, elapsed: () => number): ProgressView {
  const terminal = kind === "auto" && stream.isTTY;
  if (kind === "none") return { show: () => {}, end: () => {} };
  const every = terminal ? REDRAW_SECONDS : LINE_SECONDS;
  let last = -Infinity;
  let stage: Progress["stage"] | undefined;
  return {
    show(progress) {
      const now = elapsed();
      if (progress.stage === stage && now - last < every) return;
      last = now;
      stage = progress.stage;
      if (kind === "json") stream.write(`${JSON.stringify({ ...progress, elapsedSeconds: Number(now.toFixed(3)) })}\n`);
      else if (terminal) stream.write(`\r\u001b[K${bar(progress)} ${words(progress, now)}`);
      else stream.write(`${words(progress, now)}\n`);
    },
    end() {
      if (terminal && stage !== undefined) stream.write("\r\u001b[K");
    },
  };
}

function share({ chunksDone, chunksTotal }: Progress): number {
  return chunksTotal === 0 ? 1 : chunksDone / chunksTotal;
}

function bar(progress: Progress): string {
  const cells = Math.round(share(progress) * BAR_CELLS);
  return `[${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)}]`;
}

function words(progress: Progress, now: number): string {
  const done = share(progress);
  const left = done > 0.02 && done < 1 ? `, ${formatSeconds((now / done) * (1 - done))} left` : "";
  const what = progress.stage === "compute" ? `${progress.chunksDone} of ${progress.chunksTotal} chunks` : "writing the images";
  return `${String(Math.floor(done * 100)).padStart(3)} % ${what}, ${formatBytes(progress.bytesRead)} read, ${formatSeconds(now)}${left}`;
}
