/** A manifest from a file, with `--set` applied, parsed by the contract. */
import { readFile } from "node:fs/promises";
import { isMap, LineCounter, parseAllDocuments } from "yaml";
import { parseComputeJob } from "../api/v1alpha1/parse.ts";
import type { ComputeJob } from "../api/v1alpha1/compute-job.ts";
import { RequestError } from "../runtime/errors.ts";
import { applySettings } from "./apply-settings.ts";

/** A manifest is a page; more is a mistake, or made to be slow. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Reads the ComputeJob in `path`; throws RequestError with every problem found. */
export async function readJob(path: string, settings: readonly string[]): Promise<ComputeJob> {
  const written = parseYaml(await readManifest(path), path);
  const raw = applySettings(written, settings);
  const job = parseComputeJob(raw, "command");
  if (job.ok) return job.value;
  throw new RequestError(job.problems);
}

async function readManifest(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_MANIFEST_BYTES)
      throw new RequestError([{ what: "the manifest is too large", where: path, todo: "give a ComputeJob of at most 4 MiB" }]);
    return bytes.toString("utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new RequestError(
      [{ what: `cannot read the manifest (${code})`, where: path, todo: "give the path of a ComputeJob's YAML" }],
      cause,
    );
  }
}

/** The only document, or the only one whose kind is ComputeJob. */
function parseYaml(text: string, path: string): Record<string, unknown> {
  const lines = new LineCounter();
  const documents = [...parseAllDocuments(text, { lineCounter: lines, maxAliasCount: 100 } as Parameters<typeof parseAllDocuments>[1])];
  for (const error of documents.flatMap((document) => document.errors.slice(0, 1))) {
    const { line, col } = lines.linePos(error.pos[0]);
    const what = `not YAML (${error.message.replace(/ at line[^]*$/, "")})`;
    throw new RequestError([{ what, where: `${path}:${line}:${col}`, todo: "correct it there" }], error);
  }
  const jobs =
    documents.length === 1
      ? documents
      : documents.filter((document) => isMap(document.contents) && String(document.contents.get("kind")) === "ComputeJob");
  if (jobs.length !== 1) throw new RequestError([{ what: `${jobs.length} ComputeJobs in the manifest`, where: path, todo: "give one" }]);
  const value = plainValue(() => jobs[0]?.toJS({ maxAliasCount: 100 }), path);
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>; // YAML's keys are strings here
  throw new RequestError([{ what: "not a manifest", where: path, todo: "give apiVersion, kind, metadata and spec" }]);
}

/** Aliases are followed last: one may name nothing, and a few may stand for gigabytes. */
function plainValue(toValue: () => unknown, path: string): unknown {
  try {
    return toValue();
  } catch (cause) {
    const what = `not YAML (${cause instanceof Error ? cause.message : String(cause)})`;
    throw new RequestError([{ what, where: path, todo: "write out what its aliases stand for" }], cause);
  }
}
