import { describe, expect, it } from "vitest";
import { parseComputeCluster } from "./parse.ts";
import { changed, designCluster, type Changes } from "./sample-manifests.fixture.ts";

const MEMORY_TODO = "keep target <= spill <= pause <= terminate";
const QUANTITY_TODO = "give a Kubernetes quantity such as 14Gi, 512Mi or 2G";

describe("ComputeCluster", () => {
  it("takes the design's own", () => {
    expect(parseComputeCluster(designCluster, "cluster")).toEqual({ ok: true, value: designCluster });
  });

  it("has only the defaults of the design", () => {
    const parsed = parseComputeCluster({ ...designCluster, spec: {} }, "cluster");
    expect(parsed.ok ? parsed.value.spec : parsed).toEqual({
      suspend: false,
      workers: { memory: { target: "0.60", spill: "0.70", pause: "0.80", terminate: "0.95" } },
    });
  });

  it("takes numbers for its fractions in a command", () => {
    const parsed = parseComputeCluster(changed(designCluster, { "spec.workers.memory.target": 0.5 }), "command");
    expect(parsed.ok ? parsed.value.spec.workers.memory.target : parsed).toBe("0.5");
  });

  it.each<[string, Changes]>([
    ["autoscale instead of replicas", { "spec.workers.replicas": undefined, "spec.workers.autoscale": { minReplicas: 0, maxReplicas: 5 } }],
    ["no workers", { "spec.workers.replicas": 0 }],
    ["deletion after a time", { "spec.deletion": { policy: "Delete", afterSeconds: 0 } }],
    ["equal fractions up to 1", { "spec.workers.memory": { target: "1", spill: "1.0", pause: "1", terminate: "1.00" } }],
  ])("takes %s", (_name, changes) => {
    expect(parseComputeCluster(changed(designCluster, changes), "cluster").ok).toBe(true);
  });

  it.each<[string, Changes, string, string, unknown]>([
    [
      "replicas and autoscale",
      { "spec.workers.autoscale": { minReplicas: 1, maxReplicas: 5 } },
      "replicas and autoscale are both given",
      "spec.workers",
      "give one of them",
    ],
    [
      "a reversed autoscale",
      { "spec.workers.replicas": undefined, "spec.workers.autoscale": { minReplicas: 9, maxReplicas: 5 } },
      "minReplicas is above maxReplicas",
      "spec.workers.autoscale",
      "keep minReplicas <= maxReplicas",
    ],
    [
      "fractions out of order",
      { "spec.workers.memory.spill": "0.85" },
      "spill 0.85 is above pause 0.80",
      "spec.workers.memory.spill",
      MEMORY_TODO,
    ],
    [
      "fractions out of order with the defaults",
      { "spec.workers.memory": { target: "0.9" } },
      "target 0.9 is above spill 0.70",
      "spec.workers.memory.target",
      MEMORY_TODO,
    ],
    [
      "a fraction above 1",
      { "spec.workers.memory.terminate": "1.1" },
      'not allowed: "1.1"',
      "spec.workers.memory.terminate",
      'write a fraction above 0 and up to 1 as a string, for example "0.60"',
    ],
    [
      "a fraction that is a number",
      { "spec.workers.memory.target": 0.6 },
      "must be a string, not 0.6",
      "spec.workers.memory.target",
      'put it in quotes: "0.6"',
    ],
    [
      "a limit in GiB",
      { "spec.workers.resources.limits.memory": "14GiB" },
      'not a quantity: "14GiB"',
      "spec.workers.resources.limits.memory",
      `write 14Gi: ${QUANTITY_TODO}`,
    ],
    ["a spill of nothing", { "spec.workers.spill.sizeLimit": "0" }, "must be positive", "spec.workers.spill.sizeLimit", QUANTITY_TODO],
    ["no threads", { "spec.workers.threads": 0 }, "must be at least 1", "spec.workers.threads", "give a number of 1 or more instead of 0"],
    [
      "Delete without a time",
      { "spec.deletion": { policy: "Delete" } },
      "Delete needs afterSeconds",
      "spec.deletion",
      "add afterSeconds, for example 86400",
    ],
    [
      "another field in a template",
      { "spec.workers.template.hostNetwork": true },
      'unknown field "hostNetwork"',
      "spec.workers.template.hostNetwork",
      expect.stringMatching(/^the fields here are labels, annotations, nodeSelector, .*, volumes$/),
    ],
    [
      "a volume of another type",
      { "spec.workers.template.volumes": [{ name: "x", hostPath: { path: "/" } }] },
      'unknown field "hostPath"',
      "spec.workers.template.volumes[0].hostPath",
      "the fields here are name, configMap, secret, projected",
    ],
    [
      "a volume without a type",
      { "spec.workers.template.volumes": [{ name: "x" }] },
      "a volume has exactly one type",
      "spec.workers.template.volumes[0]",
      "give one of configMap, secret, projected",
    ],
    [
      "our own labels in a template",
      { "spec.scheduler.template.labels": { "compute.mayfly.dev/cluster": "x" } },
      "this label is not for a template to set",
      'spec.scheduler.template.labels["compute.mayfly.dev/cluster"]',
      "take it away",
    ],
    [
      "a Kueue queue in a template",
      { "spec.workers.template.labels": { "kueue.x-k8s.io/queue-name": "x" } },
      "this label is not for a template to set",
      'spec.workers.template.labels["kueue.x-k8s.io/queue-name"]',
      "take it away",
    ],
    [
      "root",
      { "spec.workers.template.runAsUser": 0 },
      "must be at least 1",
      "spec.workers.template.runAsUser",
      "give a number of 1 or more instead of 0",
    ],
    [
      "a variable with two values",
      { "spec.workers.template.env": [{ name: "A", value: "1", valueFrom: {} }] },
      "value and valueFrom are both given",
      "spec.workers.template.env[0]",
      "give one of them",
    ],
  ])("refuses %s", (_name, changes, what, where, todo) => {
    expect(parseComputeCluster(changed(designCluster, changes), "cluster")).toEqual({ ok: false, problems: [{ what, where, todo }] });
  });
});
