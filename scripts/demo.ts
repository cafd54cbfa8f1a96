/**
 * `npm run demo`: nineteen real Landsat 8 scenes on nineteen grids to seasonal NDVI, with progress, a table of the result and
 * where to look. Writes into out/demo, which git ignores.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { reportSchema } from "../api/v1alpha1/report.ts";
import { projectRoot } from "../test/support/project.ts";

const job = path.join("examples", "ndvi-ny-2018", "job.yaml");
const out = path.join("out", "demo");

console.log(`bin/mayfly run ${job} --out ${out}\n`);
const run = spawnSync(path.join(projectRoot, "bin/mayfly"), ["run", job, "--out", out, "--overwrite"], {
  cwd: projectRoot,
  stdio: "inherit",
});
if (run.error) throw run.error;
if (run.status !== 0) process.exit(run.status ?? 1);

const report = reportSchema.parse(JSON.parse(readFileSync(path.join(projectRoot, out, "report.json"), "utf8")));
const columns = ["image", "days", "observations", "min", "mean", "max"];
const table = report.groups.map((group) => [
  group.name,
  String(group.days),
  group.validObservations.toLocaleString("en"),
  ...[group.min, group.mean, group.max].map((value) => value?.toFixed(3) ?? "-"),
]);
console.log();
for (const row of [columns, ...table])
  console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(10) : cell.padStart(13))).join(""));

const mebibytes = (report.peakResidentBytes / 2 ** 20).toFixed(0);
console.log(
  `\n${report.scenes} scenes on ${report.solarDays} solar days in ${report.wallSeconds.toFixed(1)} s, at most ${mebibytes} MiB of memory.`,
);
const pictures = report.files.filter((file) => file.name.endsWith(".png"));
const images = report.files.filter((file) => file.name.endsWith(".tif"));
console.log(`\nLook at  ${pictures.map((file) => path.join(out, file.name)).join("\n         ")}`);
console.log(`Open     ${images.map((file) => path.join(out, file.name)).join("\n         ")}`);
console.log(`Read     ${path.join(out, "report.json")}, ${path.join(out, "item.json")}`);
