/**
 * A manifest from outside, parsed once: from here on its types are trusted. The commands take short forms, a path for the items and no
 * output; a cluster takes the canonical form only, and only URLs.
 */
import type { z } from "zod";
import { computeClusterSchema, type ComputeCluster } from "./compute-cluster.ts";
import { computeJobSchema, type ComputeJob } from "./compute-job.ts";
import { API_VERSION, kinds, type Kind } from "./group.ts";
import { problemsOf } from "./issues.ts";
import { suggestion } from "./nearest-name.ts";
import { ok, type Problem, type Result } from "./problem.ts";
import { expandShortForms } from "./short-forms.ts";

/** Who reads the manifest: a command on a machine with files, or the operator and the pods. */
export type Audience = "command" | "cluster";

/** A ComputeJob with all defaults, or everything that is wrong with it. */
export function parseComputeJob(raw: unknown, audience: Audience): Result<ComputeJob> {
  const parsed = parseManifest("ComputeJob", computeJobSchema, raw, audience);
  if (!parsed.ok || audience === "command") {
    return parsed;
  }
  const problems = clusterProblems(parsed.value);
  return problems.length === 0 ? parsed : { ok: false, problems };
}

/** A ComputeCluster with all defaults, or everything that is wrong with it. */
export function parseComputeCluster(raw: unknown, audience: Audience): Result<ComputeCluster> {
  return parseManifest("ComputeCluster", computeClusterSchema, raw, audience);
}

function parseManifest<T>(kind: Kind, schema: z.ZodType<T>, written: unknown, audience: Audience): Result<T> {
  const shortForms = audience === "command";
  const raw = shortForms ? expandShortForms(written) : written;
  const wrongKind = kindProblems(kind, raw);
  if (wrongKind.length > 0) {
    return { ok: false, problems: wrongKind };
  }
  const parsed = schema.safeParse(raw, { reportInput: true });
  return parsed.success ? ok(parsed.data) : { ok: false, problems: problemsOf(schema, parsed.error.issues, shortForms) };
}

/** Another kind of manifest is said at once, instead of a list of all that it lacks. */
function kindProblems(kind: Kind, raw: unknown): readonly Problem[] {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return [{ what: "not a manifest", where: "the manifest", todo: `give a mapping with apiVersion: ${API_VERSION} and kind: ${kind}` }];
  }
  const { apiVersion, kind: givenKind } = raw as { readonly apiVersion?: unknown; readonly kind?: unknown }; // An object, as just seen.
  return [
    ...nameProblem("apiVersion", apiVersion, API_VERSION, [API_VERSION]),
    ...nameProblem("kind", givenKind, kind, Object.keys(kinds)),
  ];
}

function nameProblem(where: string, value: unknown, wanted: string, known: readonly string[]): readonly Problem[] {
  if (value === wanted) {
    return [];
  }
  if (value === undefined) {
    return [{ what: "required field is missing", where, todo: `add ${where}: ${wanted}` }];
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const what = known.includes(text) ? `${where} is ${text}` : `unknown ${where} "${text}"`;
  return [{ what, where, todo: known.includes(text) ? `give a manifest of ${where} ${wanted}` : suggestion(text, [wanted], "use") }];
}

/** What a pod cannot do although a command can: read a path of the user's machine, or be told later where to write. */
function clusterProblems(job: ComputeJob): readonly Problem[] {
  const { source, output } = job.spec;
  const problems: Problem[] = [];
  if (source.items !== undefined && !/^(https?|s3):\/\//.test(source.items)) {
    const what = `a cluster cannot read the path "${source.items}"`;
    problems.push({ what, where: "spec.source.items", todo: "give an http(s):// or s3:// URL" });
  }
  if (output.url === undefined) {
    problems.push({
      what: "required field is missing",
      where: "spec.output.url",
      todo: "add it: an s3:// URL that the results are written under",
    });
  } else if (!output.url.startsWith("s3://")) {
    problems.push({ what: `a cluster cannot write to "${output.url}"`, where: "spec.output.url", todo: "give an s3:// URL" });
  }
  return problems;
}
