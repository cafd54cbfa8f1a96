/** What an earlier run left in the output folder, and whether this one may write there. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Report, reportSchema } from "../../api/v1alpha1/report.ts";
import { OutputError, RequestError } from "../../runtime/errors.ts";

export type OlderResult = {
  /** The report of this very job's result, if it is whole and stays. */
  readonly complete: Report | undefined;
  /** The files of a result that is to be replaced. */
  readonly fileNames: readonly string[];
};

/**
 * Looks at the folder, which need not be there; throws RequestError where only `overwrite` may write, OutputError where it cannot be seen.
 * `hashWithout`: the hash of this job without the scenes of these ids.
 */
export async function admitOutput(
  folder: string,
  hashWithout: (skippedIds: readonly string[]) => string | undefined,
  overwrite: boolean,
): Promise<OlderResult> {
  const path = join(folder, "report.json");
  const text = await readReport(path, overwrite);
  if (text === undefined) return { complete: undefined, fileNames: [] };
  const parsed = reportSchema.safeParse(safeJson(text));
  if (!parsed.success && !overwrite) throw inTheWay("the output holds a report.json of another program or version", path);
  if (!parsed.success) return { complete: undefined, fileNames: [] };
  const report = parsed.data;
  if (!overwrite && report.jobHash !== hashWithout(report.skippedScenes.map(({ id }) => id)))
    throw inTheWay("the output holds the result of another job", folder);
  const complete = !overwrite && (await isWhole(folder, report)) ? report : undefined;
  return { complete, fileNames: report.files.map(({ name }) => name) };
}

async function readReport(path: string, overwrite: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    if (overwrite || code === "ENOENT" || code === "ENOTDIR") return undefined;
    const todo = "make it readable, or choose another output directory";
    throw new OutputError([{ what: `cannot read the report of an older result (${code})`, where: path, todo }], cause);
  }
}

async function isWhole(folder: string, { files }: Report): Promise<boolean> {
  const sizes = await Promise.all(files.map(({ name }) => stat(join(folder, name)).catch(() => undefined)));
  return files.every(({ bytes }, i) => sizes[i]?.size === bytes);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a report, whatever it is.
    return undefined;
  }
}

function inTheWay(what: string, where: string): RequestError {
  return new RequestError([{ what, where, todo: "use --overwrite, or another --out" }]);
}
