/** What an earlier run left in the output folder, and whether this one may write there. A file that no report of ours lists is never replaced. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Report, reportSchema } from "../../api/v1alpha1/report.ts";
import { OutputError, RequestError } from "../../runtime/errors.ts";
import { REPORT_NAME } from "../core/plan/output-names.ts";
import { isThere, revertCommit } from "../io/output/commit.ts";
import { writing } from "../io/output/output-errors.ts";
import { WORK_FOLDER } from "../io/output/tile-store.ts";

export type OutputClaim = {
  /** Which need not be there. */
  readonly folder: string;
  /** The hash of this job without the scenes of these ids. */
  readonly hashWithout: (skippedIds: readonly string[]) => string | undefined;
  /** The name of this job's folder of unfinished work. */
  readonly workName: string;
  /** All that the run may write. */
  readonly names: readonly string[];
  /** What the job reads: no output may take its place. */
  readonly inputs: readonly string[];
  /** Whether another job's result, and its unfinished work, may be replaced. */
  readonly overwrite: boolean;
};

export type OlderResult = {
  /** The report of this very job's result, if it is whole and stays. */
  readonly complete: Report | undefined;
  /** The files of a result that is to be replaced. */
  readonly fileNames: readonly string[];
};

/** The report of this very job's result, where it is whole, stays, and nothing is left to tidy up. */
export async function finishedResult(claim: OutputClaim): Promise<Report | undefined> {
  if (claim.overwrite || (await stat(join(claim.folder, WORK_FOLDER)).catch(() => undefined))) return undefined;
  const report = await readReport(join(claim.folder, REPORT_NAME)).catch(() => undefined);
  return typeof report === "object" ? wholeResult(claim, report) : undefined;
}

/**
 * Tidies up after a killed run and looks at what the folder, which must be locked, holds then. Throws RequestError where only `overwrite`, or nobody,
 * may write, OutputError where it cannot be seen.
 */
export async function admitOutput(claim: OutputClaim): Promise<OlderResult> {
  const left = await unfinishedWork(claim.folder);
  for (const name of left) await takeBack(claim.folder, join(claim.folder, WORK_FOLDER, name));
  const path = join(claim.folder, REPORT_NAME);
  const report = await readReport(path);
  if (report === "foreign") throw refused("the output holds a report.json of another program or version", path);
  const complete = report && (await wholeResult(claim, report));
  const fileNames = complete ? [] : await replaceable(claim, report, left);
  for (const name of left) await removeWork(join(claim.folder, WORK_FOLDER, name));
  return { complete, fileNames };
}

/** The files that go; throws RequestError where what is there must stay. */
async function replaceable(claim: OutputClaim, report: Report | undefined, left: readonly string[]): Promise<readonly string[]> {
  refuseOther(claim, report, left);
  const fileNames = await ownFiles(claim.folder, report);
  await refuseForeign(claim, fileNames);
  return fileNames;
}

function refuseOther({ folder, hashWithout, workName, overwrite }: OutputClaim, report: Report | undefined, left: readonly string[]): void {
  if (overwrite) return;
  const todo = "use --overwrite, or another --out";
  if (report && report.jobHash !== hashOf(report, hashWithout)) throw refused("the output holds the result of another job", folder, todo);
  const other = left.find((name) => JOB_HASH.test(name) && name !== workName);
  if (other !== undefined) throw refused("the output holds another job's unfinished work", join(folder, WORK_FOLDER, other), todo);
}

async function refuseForeign({ folder, names, inputs }: OutputClaim, fileNames: readonly string[]): Promise<void> {
  const own = new Set(fileNames);
  const paths = [...new Set([...names, ...fileNames])].map((name) => join(folder, name));
  const present: string[] = [];
  for (const path of paths) if (await isThere(path)) present.push(path);
  if (present.length === 0) return;
  const read = new Set((await Promise.all(inputs.map(fileIdentity))).filter((id) => id !== undefined));
  const isInput = await Promise.all(present.map(async (path) => read.has((await fileIdentity(path)) ?? "")));
  const taken = present.filter((_, i) => isInput[i]);
  if (taken.length > 0) throw refused("the result would replace what the job reads", inFolder(folder, taken));
  const foreign = present.filter((path) => !own.has(basename(path)));
  if (foreign.length > 0)
    throw refused("the result would replace files that are not Mayfly's, or were changed since", inFolder(folder, foreign));
}

/** Enough to see what they are. */
const NAMES_TOLD = 8;

function inFolder(folder: string, paths: readonly string[]): string {
  const names = paths.slice(0, NAMES_TOLD).map((path) => basename(path));
  return `${folder} (${names.join(", ")}${paths.length > NAMES_TOLD ? `, and ${paths.length - NAMES_TOLD} more` : ""})`;
}

/** The same for all paths to a file. */
async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

/** The files of a result as its report lists them, and the report. */
async function ownFiles(folder: string, report: Report | undefined): Promise<readonly string[]> {
  if (!report) return [];
  const own: string[] = [REPORT_NAME];
  for (const file of report.files) if (await isOwn(folder, file)) own.push(file.name);
  return own;
}

async function isOwn(folder: string, { name, sha256, bytes }: Report["files"][number]): Promise<boolean> {
  if (basename(name) !== name) return false;
  const path = join(folder, name);
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && found.isFile() && found.size === bytes && (await digestOf(path)) === sha256;
}

async function digestOf(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  // What cannot be read is not known to be ours.
  return pipeline(createReadStream(path), hash).then(
    () => hash.digest("hex"),
    () => undefined,
  );
}

const JOB_HASH = /^[0-9a-f]{64}$/;

/** Folders of unfinished work, and locks on the way to a lock; other things there are not ours. */
async function unfinishedWork(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, WORK_FOLDER)).catch(() => []);
  return names.filter((name) => JOB_HASH.test(name) || name.startsWith("lock-"));
}

function removeWork(path: string): Promise<void> {
  return writing(path, () => rm(path, { recursive: true, force: true }));
}

/** Where a run was killed while it gave files their names, those that were there come back. */
async function takeBack(folder: string, work: string): Promise<void> {
  const report = await readReport(join(work, REPORT_NAME)).catch(() => undefined);
  if (typeof report !== "object") return;
  const files = new Map(report.files.map((file) => [file.name, file]));
  await revertCommit({ from: work, to: folder, names: [...files.keys(), REPORT_NAME] }, async (name) => {
    const file = files.get(name);
    return file !== undefined && isOwn(folder, file);
  });
}

/** Undefined where there is none, "foreign" where it is none of ours. */
async function readReport(path: string): Promise<Report | "foreign" | undefined> {
  if (!(await isThere(path))) return undefined;
  try {
    const parsed = reportSchema.safeParse(safeJson(await readFile(path, "utf8")));
    return parsed.success ? parsed.data : "foreign";
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    const todo = "make it readable, or choose another output directory";
    throw new OutputError([{ what: `cannot read the report of an older result (${code})`, where: path, todo }], cause);
  }
}

async function wholeResult({ folder, hashWithout, overwrite }: OutputClaim, report: Report): Promise<Report | undefined> {
  if (overwrite || report.jobHash !== hashOf(report, hashWithout)) return undefined;
  const sizes = await Promise.all(report.files.map(({ name }) => stat(join(folder, name)).catch(() => undefined)));
  return report.files.every(({ bytes }, i) => sizes[i]?.size === bytes) ? report : undefined;
}

/** Of this job without the scenes that the report says were skipped. */
function hashOf({ skippedScenes }: Report, hashWithout: OutputClaim["hashWithout"]): string | undefined {
  return hashWithout(skippedScenes.map(({ id }) => id));
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a report, whatever it is.
    return undefined;
  }
}

function refused(what: string, where: string, todo = "choose an empty folder"): RequestError {
  return new RequestError([{ what, where, todo }]);
}
