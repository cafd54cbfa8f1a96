/** What holds for both kinds' schemas as a whole: the CRD generator and kubectl explain rely on it. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { computeClusterSchema } from "./compute-cluster.ts";
import { computeJobSchema } from "./compute-job.ts";
import { reportSchema } from "./report.ts";

type Node = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly anyOf?: readonly Node[];
};

const schemas = { ComputeJob: computeJobSchema, ComputeCluster: computeClusterSchema, report: reportSchema };

/** Every property below `node` with its path. */
function properties(node: Node, path: string): (readonly [path: string, node: Node])[] {
  const own = Object.entries(node.properties ?? {}).map(([name, child]) => [`${path}.${name}`, child] as const);
  const inner = typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
  const nested = [...(node.items === undefined ? [] : [node.items]), ...inner, ...(node.anyOf ?? [])];
  return [...own, ...own.flatMap(([at, child]) => properties(child, at)), ...nested.flatMap((child) => properties(child, path))];
}

function propertiesOf(name: keyof typeof schemas): (readonly [path: string, node: Node])[] {
  // zod's own type of a JSON schema is wider than what these tests read.
  return properties(z.toJSONSchema(schemas[name], { target: "openapi-3.0", io: "input" }) as Node, name);
}

describe.each(["ComputeJob", "ComputeCluster", "report"] as const)("%s", (name) => {
  it("describes every field", () => {
    const silent = propertiesOf(name).filter(([, node]) => (node.description ?? "") === "");
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it("has no key or value that YAML 1.1 reads as a boolean", () => {
    const booleans = new Set(["y", "n", "yes", "no", "on", "off", "true", "false"]);
    const written = propertiesOf(name).filter(([path]) => !path.includes(".status.")); // Conditions are Kubernetes' own.
    const words = written.flatMap(([path, node]) => [path.split(".").at(-1) ?? "", ...(node.enum ?? []).map(String)]);
    expect(words.filter((word) => booleans.has(word.toLowerCase()))).toEqual([]);
  });
});

describe("defaults in the CRDs", () => {
  const memory = ["target", "spill", "pause", "terminate"].map((field) => `workers.memory.${field}`);
  const cluster = (at: string) => [`${at}.suspend`, `${at}.workers`, `${at}.workers.memory`, ...memory.map((field) => `${at}.${field}`)];

  it.each([
    [
      "ComputeJob",
      [
        ...["chunks", "chunks.time", "groupBy", "mask.validRange", "indices", "values", "reduce", "reduce.by", "reduce.statistic"].map(
          (f) => `ComputeJob.spec.${f}`,
        ),
        ...["output", "output.count", "output.quicklook", "suspend", "backoffLimit"].map((f) => `ComputeJob.spec.${f}`),
        ...cluster("ComputeJob.spec.clusterTemplate.spec"),
      ],
    ],
    ["ComputeCluster", cluster("ComputeCluster.spec")],
  ] as const)("of %s are those of the design", (name, want) => {
    const defaulted = propertiesOf(name).filter(([, node]) => node.default !== undefined);
    expect(defaulted.map(([path]) => path).sort()).toEqual([...want].sort());
  });
});
