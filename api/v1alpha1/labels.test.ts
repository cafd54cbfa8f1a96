import { describe, expect, it } from "vitest";
import {
  childLabels,
  isReservedLabel,
  labelValue,
  schedulerPodName,
  schedulerServiceName,
  tlsSecretName,
  workerPodName,
} from "./labels.ts";

describe("names", () => {
  it("are those of the design", () => {
    const names = [schedulerPodName("ndvi"), workerPodName("ndvi", "x7k2p"), schedulerServiceName("ndvi"), tlsSecretName("ndvi")];
    expect(names).toEqual(["ndvi-scheduler", "ndvi-worker-x7k2p", "ndvi-scheduler", "ndvi-tls"]);
  });

  it("fit a Service for the longest name of a cluster", () => {
    expect(schedulerServiceName("a".repeat(52)).length).toBeLessThanOrEqual(63);
  });
});

describe("labels", () => {
  it("of a job's own worker are those of the design", () => {
    expect(childLabels({ cluster: "ndvi", component: "worker", job: "ndvi", user: "alice" })).toEqual({
      "app.kubernetes.io/name": "mayfly",
      "app.kubernetes.io/instance": "ndvi",
      "app.kubernetes.io/component": "worker",
      "app.kubernetes.io/managed-by": "mayfly",
      "compute.mayfly.dev/cluster": "ndvi",
      "compute.mayfly.dev/job": "ndvi",
      "compute.mayfly.dev/user": "alice",
    });
  });

  it("of a cluster without a job name none", () => {
    const labels = childLabels({ cluster: "shared", component: "scheduler" });
    expect(Object.keys(labels)).not.toContain("compute.mayfly.dev/job");
  });

  it.each([
    ["app.kubernetes.io/name", true],
    ["compute.mayfly.dev/anything", true],
    ["kueue.x-k8s.io/queue-name", true],
    ["app.kubernetes.io/part-of", false],
    ["team", false],
  ])("%s is reserved: %s", (key, want) => {
    expect(isReservedLabel(key)).toBe(want);
  });

  it.each([
    ["a plain user", "alice", /^alice$/],
    ["an address", "alice@example.com", /^alice-example\.com-[0-9a-f]{8}$/],
    ["a service account", "system:serviceaccount:a:b", /^system-serviceaccount-a-b-[0-9a-f]{8}$/],
    ["a long user", "a".repeat(200), /^a{54}-[0-9a-f]{8}$/],
    ["a user without a letter", "@@@", /^[0-9a-f]{8}$/],
  ])("makes a value of %s", (_name, text, want) => {
    expect(labelValue(text)).toMatch(want);
    expect(labelValue(text)).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
  });

  it("keeps users apart whose readable parts are the same", () => {
    expect(labelValue("a@b")).not.toBe(labelValue("a:b"));
  });
});
