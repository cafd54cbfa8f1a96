/** A manifest from a file, with `--set` applied, parsed by the contract. */
import { readFile } from "node:fs/promises";
import { isMap, LineCounter, parseAllDocuments, parse } from "yaml";
import { parseComputeJob } from "../api/v1alpha1/parse.ts";
import type { ComputeJob } from "../api/v1alpha1/compute-job.ts";
import { RequestError } from "../runtime/errors.ts";

/** A manifest is a page; more is a mistake, or made to be slow. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Reads the ComputeJob in `path`; throws RequestError with every problem found. */
export async function readJob(path: string, settings: readonly string[]): Promise<ComputeJob> {
  const raw = parseYaml(await readManifest(path), path);
  for (const setting of settings) applySetting(raw, setting);
  const job = parseComputeJob(raw, "command");
  if (job.ok) return job.value;
  throw new RequestError(job.problems);
}

async function readManifest(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_MANIFEST_BYTES)
      throw new RequestError([{ what: "the manifest is too large", where: path, todo: "give a ComputeJob of at most 4 MiB" }]);
    return bytes.toString("utf8");
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

/** `spec.region.buffer=0.05`: the value is YAML; list places are numbers, as in spec.indices.0.name. */
function applySetting(raw: Record<string, unknown>, setting: string): void {
  const at = setting.indexOf("=");
  const path = setting.slice(0, at).split(".");
  if (at < 1 || path.some((part) => part === "" || part === "__proto__")) {
    throw new RequestError([
      { what: `cannot set ${JSON.stringify(setting)}`, where: "--set", todo: "write --set spec.region.buffer=0.05" },
    ]);
  }
  let node: Record<string, unknown> = raw;
  for (const part of path.slice(0, -1)) {
    checkPlace(node, part, setting);
    const next = (Object.hasOwn(node, part) ? node[part] : undefined) ?? {};
    if (typeof next !== "object")
      throw new RequestError([{ what: `${part} has no fields`, where: `--set ${setting}`, todo: "set the field itself" }]);
    node[part] = next;
    node = next as Record<string, unknown>; // an object or a list, which takes numbers as keys
  }
  const last = path.at(-1) ?? "";
  checkPlace(node, last, setting);
  node[last] = settingValue(setting.slice(at + 1), setting);
}

/** A list has numbered places, and one after its end; anything else would be set where nobody looks. */
function checkPlace(node: object, part: string, setting: string): void {
  if (!Array.isArray(node) || (/^(0|[1-9]\d*)$/.test(part) && Number(part) <= node.length)) return;
  const places = node.length === 0 ? "0" : `0 to ${node.length}`;
  throw new RequestError([{ what: `${part} is no place in a list`, where: `--set ${setting}`, todo: `name one of ${places}` }]);
}

function settingValue(text: string, setting: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw new RequestError([{ what: "the value is not YAML", where: `--set ${setting}`, todo: "quote it" }], cause);
  }
}
