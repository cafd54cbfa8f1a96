/**
 * A run that is told to stop, at every stage: it ends soon, with the status that a shell expects, and leaves no process, no temporary file and no
 * image; what lay in the output before lies there still. The moments are things that happened, not times.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, cpSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { directoryState } from "../support/directory-state.ts";
import { exampleJob } from "../support/example.ts";
import { interrupt, type Interrupted } from "../support/interrupt.ts";
import { writeJob } from "../support/job.ts";
import { runJob } from "../support/mayfly.ts";
import { pythonIsReady } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** Seconds in which a run is gone after the signal. */
const patience = 2;

/** Sizes of the unfinished files in the output, by name. */
function unfinished(out: string): Readonly<Record<string, number>> {
  const folder = path.join(out, ".mayfly");
  try {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return Object.fromEntries(files.map((name) => [path.basename(name), statSync(path.join(folder, name)).size]));
  } catch {
    return {}; // not there yet, or changed while it was read: the next look will tell
  }
}

const stages = (stderr: string): readonly string[] =>
  stderr.split("\n").flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [(JSON.parse(line) as { stage: string }).stage] : []));

const written = (out: string, ending: string): boolean =>
  Object.entries(unfinished(out)).some(([name, bytes]) => name.endsWith(ending) && bytes > 0);

type Moment = { readonly name: string; readonly come: (stderr: string, out: string) => boolean };

const moments: readonly Moment[] = [
  { name: "at its first progress line", come: (stderr) => stages(stderr).includes("compute") },
  { name: "when the first block is finished", come: (_, out) => written(out, ".blocks") },
  { name: "while the first image is written", come: (_, out) => Object.keys(unfinished(out)).some((name) => name.endsWith(".tif")) },
  { name: "when the first picture is drawn", come: (_, out) => written(out, ".png") },
  { name: "when all is computed", come: (stderr) => stages(stderr).includes("write") },
];

const signals = [
  { signal: "SIGINT", wantStatus: 130 },
  { signal: "SIGTERM", wantStatus: 143 },
] as const;

type Row = Moment & (typeof signals)[number];

// The scenes are made by Python; skipped where `npm test` could not make its environment.
describe.skipIf(!pythonIsReady)("a run that is interrupted", () => {
  const work = temporaryDirectory();
  const older = path.join(work, "older");
  let directory: string;
  let job: string;
  let runs = 0;

  beforeAll(async () => {
    directory = await scenes({ size: 2048, dates: 4 });
    job = writeJob(work, "job", { scenes: directory, crs: "EPSG:3577" });
    await runJob(exampleJob, older);
  });

  /** Interrupts a run into what `prepare` makes; once more where a busy machine let it come to its end before it was looked at. */
  async function stopAt(row: Row, prepare: () => string, flags: readonly string[] = []): Promise<Interrupted & { readonly out: string }> {
    for (let tries = 3; ; tries--) {
      const out = prepare();
      const args = ["run", job, "--out", out, "--progress", "json", ...flags];
      const end = await interrupt({ args, signal: row.signal, moment: (stderr) => row.come(stderr, out) });
      if (tries === 1 || (end.status ?? 0) !== 0) return { ...end, out };
    }
  }

  const rows: readonly Row[] = moments.flatMap((moment) => signals.map((row) => ({ ...moment, ...row })));

  it.each(rows)("$name by $signal leaves nothing", async (row) => {
    const top = path.join(work, `new-${++runs}`);
    const { stderr, ...end } = await stopAt(row, () => path.join(top, `${++runs}/out`));
    expect(end, stderr).toMatchObject({ status: row.wantStatus, left: [] });
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(`stopped by ${row.signal}: nothing was written`);
    expect(stderr).not.toMatch(/error:|\n\s+at /);
    expect(end.secondsAfterSignal).toBeLessThan(patience);
    expect(existsSync(path.dirname(end.out))).toBe(false);
  });

  it.each(rows)("$name by $signal leaves an older result as it was, with --overwrite", async (row) => {
    const prepare = (): string => {
      const out = path.join(work, `older-${++runs}`);
      cpSync(older, out, { recursive: true });
      return out;
    };
    const { stderr, ...end } = await stopAt(row, prepare, ["--overwrite"]);
    expect(end, stderr).toMatchObject({ status: row.wantStatus, left: [] });
    expect(end.secondsAfterSignal).toBeLessThan(patience);
    expect(directoryState(end.out)).toEqual(directoryState(older));
  });

  it.each(signals)("while it reads the item list by $signal leaves nothing", async ({ signal, wantStatus }) => {
    const place = path.join(work, `plan-${++runs}`);
    const list = readFileSync(path.join(directory, "items.json"), "utf8").replaceAll('"href": "', `"href": "${directory}/`);
    execFileSync("mkdir", [place]);
    // A pipe for a list: the run reads it once somebody writes, and cannot have come further.
    execFileSync("mkfifo", [path.join(place, "items.json")]);
    const planned = writeJob(work, `job-${runs}`, { scenes: place });
    const out = path.join(place, "out");
    let pipe: number | undefined;
    const { status, left, secondsAfterSignal } = await interrupt({
      args: ["run", planned, "--out", out, "--progress", "json"],
      signal,
      moment: () => (pipe = openToReader(path.join(place, "items.json"))) !== undefined,
      afterwards: () => {
        if (pipe === undefined) return;
        writeSync(pipe, list);
        closeSync(pipe);
      },
    });
    expect({ status, left }).toEqual({ status: wantStatus, left: [] });
    expect(secondsAfterSignal).toBeLessThan(patience);
    expect(existsSync(out)).toBe(false);
  });

  it.each(signals)("as soon as it is started by $signal leaves nothing", async ({ signal, wantStatus }) => {
    const out = path.join(work, `start-${++runs}`);
    const { status, left } = await interrupt({ args: ["run", job, "--out", out], signal, moment: () => true });
    expect({ status, left }).toEqual({ status: wantStatus, left: [] });
    expect(existsSync(out)).toBe(false);
  });

  it("and is run again gives its whole result", async () => {
    const out = path.join(work, "again");
    const args = ["run", job, "--out", out, "--progress", "json"];
    await interrupt({ args, signal: "SIGTERM", moment: () => written(out, ".blocks") });
    await runJob(job, out);
    const images = ["DJF", "JJA", "MAM", "SON"].flatMap((season) => [`ndvi_${season}.tif`, `ndvi_${season}_count.tif`]);
    expect(readdirSync(out).filter((name) => !/\.(png|json|yaml)$/.test(name))).toEqual(images.sort());
  });
});

/** The pipe, opened for writing without waiting, once a reader has it open. */
function openToReader(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined; // ENXIO: nobody reads yet
  }
}
