/**
 * `npm run bench [-- --size 4096 --dates 12 --seed 3 --runs 3 --rows aligned,half-pixel,albers,http --write]`
 *
 * The whole command `bin/mayfly run` against the whole command reference.py (Dask, 2 workers of 1 thread and 2 GiB), start-up
 * and output included, on the same made-up scenes. The two take turns within one run, since only times taken side by side can
 * be compared; medians are reported. Both sides' memory is seen by the same sampler, and a side whose images are not what the
 * other's are does not get a row but an error. With --write the table goes to docs/results/bench.md and bench.json.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { writeJob } from "../support/job.ts";
import type { Report } from "../../api/v1alpha1/report.ts";
import { runJob, stdoutOf } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { compare, makePythonEnvironment, reference, type Nearness } from "../support/python.ts";
import { type RangeServer, startRangeServer } from "../support/range-server.ts";
import { itemsElsewhere } from "../support/remote-items.ts";
import { scenes } from "../support/scenes.ts";
import { benchTable, compareSides, type BenchRow, type Measured } from "./bench-table.ts";

/** Dask has 2 processes of 1 thread; so have we 2 threads. */
const mayflyFlags = ["--threads", "2"];

type RowPlan = {
  readonly name: string;
  readonly label: string;
  readonly offsetMetres: number;
  readonly crs: string;
  readonly near: Nearness;
  /** Both sides read the scenes from the same server on loopback, as late and as slow as S3 is for one connection. */
  readonly remote?: { readonly firstByteMs: number; readonly bytesPerSecond: number };
};

/**
 * `near` is loose off the aligned grid: there Dask's coordinates drift by up to 0.125 pixel, so that at the edges of clouds it
 * takes other pixels than the exact answer does (test/parity holds us to that one).
 */
const plans: readonly RowPlan[] = [
  { name: "aligned", label: "aligned grid", offsetMetres: 0, crs: "EPSG:32755", near: { tolerance: 1e-6 } },
  {
    name: "half-pixel",
    label: "half a pixel off, average",
    offsetMetres: 15,
    crs: "EPSG:32755",
    near: { tolerance: 0.02, within: 0.9, nanMismatch: 0.1 },
  },
  {
    name: "albers",
    label: "in EPSG:3577, average",
    offsetMetres: 0,
    crs: "EPSG:3577",
    near: { tolerance: 0.02, within: 0.9, nanMismatch: 0.1 },
  },
  {
    name: "http",
    label: "half a pixel off, HTTP with 40 ms to the first byte",
    offsetMetres: 15,
    crs: "EPSG:32755",
    near: { tolerance: 0.02, within: 0.9, nanMismatch: 0.1 },
    remote: { firstByteMs: 40, bytesPerSecond: 100e6 },
  },
];

const { values: options } = parseArgs({
  options: {
    size: { type: "string", default: "4096" },
    dates: { type: "string", default: "12" },
    seed: { type: "string", default: "3" },
    runs: { type: "string", default: "3" },
    rows: { type: "string", default: plans.map((plan) => plan.name).join(",") },
    write: { type: "boolean", default: false },
  },
});
const [size, dates, seed, runs] = [options.size, options.dates, options.seed, options.runs].map(Number) as [number, number, number, number];
const asked = options.rows.split(",");
const unknown = asked.filter((name) => !plans.some((plan) => plan.name === name));
if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(", ")}: use ${plans.map((plan) => plan.name).join(", ")}`);

const missing = await makePythonEnvironment((line) => console.log(line));
if (missing !== undefined) throw new Error(`the peer cannot run: ${missing}`);

const work = mkdtempSync(path.join(tmpdir(), "mayfly-bench-"));
const loadBefore = loadavg()[0] ?? 0;
try {
  const rows: BenchRow[] = [];
  for (const plan of plans.filter((candidate) => asked.includes(candidate.name))) rows.push(await runRow(plan));
  report(rows);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function runRow(plan: RowPlan): Promise<BenchRow> {
  const local = await scenes({ size, dates, seed, offsetMetres: plan.offsetMetres });
  const server = plan.remote && (await startRangeServer({ directory: local, ...plan.remote }));
  try {
    return await runSides(plan, server ? itemsElsewhere(local, work, (place) => `${server.url}/${place}`) : local, server);
  } finally {
    await server?.close();
  }
}

async function runSides(plan: RowPlan, directory: string, server: RangeServer | undefined): Promise<BenchRow> {
  const job = writeJob(work, plan.name, { scenes: directory, crs: plan.crs, chunk: 2048 });
  const [ours, theirs] = [path.join(work, "mayfly"), path.join(work, "dask")];
  const mayfly: Measured[] = [];
  const dask: Measured[] = [];
  for (let run = 1; run <= runs; run++) {
    rmSync(ours, { recursive: true, force: true });
    rmSync(theirs, { recursive: true, force: true });
    mayfly.push(await runJob(job, ours, mayflyFlags));
    dask.push((await reference(job, theirs)).wholeCommand);
    console.log(`${plan.label}, run ${run} of ${runs}: mayfly ${seconds(mayfly)}, dask ${seconds(dask)}`);
  }
  if (server) await tellReads(job, ours, server);
  const groups = await compare(ours, theirs, plan.near);
  const wrong = groups.filter((group) => !group.ok);
  if (wrong.length > 0) throw new Error(`${plan.label}: the two results differ, so their times say nothing: ${JSON.stringify(wrong)}`);
  return { name: plan.name, label: plan.label, groups, ...compareSides(mayfly, dask) };
}

/** Requests of one run of ours for each scene, and the bytes it read against those of the blocks it needed. */
async function tellReads(job: string, out: string, server: RangeServer): Promise<void> {
  const report = JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as Report; // mayfly wrote it
  const { readBytes } = JSON.parse(await stdoutOf(["plan", job, "--json"])) as { readBytes: number }; // what billOf gives
  const over = (100 * (report.bytesRead - readBytes)) / readBytes;
  const perScene = report.requests / report.scenes;
  console.log(
    `${report.requests} requests, ${perScene.toFixed(1)} a scene; ${(report.bytesRead / 1e6).toFixed(1)} MB read, ${over.toFixed(1)} % more than the blocks needed; at most ${server.mostAtOnce()} requests at once`,
  );
}

function seconds(measured: readonly Measured[]): string {
  return `${measured.at(-1)?.wallSeconds.toFixed(2)} s`;
}

function report(rows: readonly BenchRow[]): void {
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore,
  };
  const table = benchTable(rows);
  console.log(`\n${table}`);
  if (loadBefore > 0.5) console.log(`\nThe machine was not idle (load ${loadBefore.toFixed(1)}): trust the ratios at most.`);
  if (!options.write) return;
  const results = path.join(projectRoot, "docs/results");
  mkdirSync(results, { recursive: true });
  const setting = {
    size,
    dates,
    seed,
    runs,
    mayflyFlags,
    dask: "2 workers x 1 thread, 2 GiB each",
    date: new Date().toISOString().slice(0, 10),
  };
  writeFileSync(path.join(results, "bench.json"), `${JSON.stringify({ setting, machine, rows }, undefined, 2)}\n`);
  const heading =
    `<!-- Generated by \`npm run bench -- --write\`: do not edit. -->\n\n` +
    `${dates} scenes of ${size} x ${size} x 3 bands, medians of ${runs} alternating runs on ${setting.date}, ` +
    `${machine.cpus} CPUs (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}; whole commands, start-up and output included. ` +
    `Dask: ${setting.dask}. Memory: largest sum of resident bytes over the process tree.\n\n`;
  writeFileSync(path.join(results, "bench.md"), `${heading}${table}\n`);
}
