/** Progress on stderr: one line drawn over and over on a terminal, plain lines or JSON lines elsewhere. */
import type { Progress } from "../worker/roles/local-run.ts";
import { progressLine, progressWords } from "./progress-line.ts";

export type ProgressKind = "auto" | "plain" | "json" | "none";

export type ProgressView = {
  show(progress: Progress): void;
  /** Leaves the terminal's line. */
  end(): void;
};

/** How often a line is written: a terminal is redrawn, a log is read. */
const REDRAW_SECONDS = 0.1;
const LINE_SECONDS = 2;

/** Of a terminal that does not say. */
const COLUMNS = 80;

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
      // One column less than there are: some terminals go to the next line as soon as the last is filled. Asked anew each time, for the width changes.
      else if (terminal) stream.write(`\r\u001b[K${progressLine(progress, now, (stream.columns || COLUMNS) - 1)}`);
      else stream.write(`${progressWords(progress, now)}\n`);
    },
    end() {
      if (terminal && stage !== undefined) stream.write("\r\u001b[K");
    },
  };
}
