import { describe, expect, it } from "vitest";
import { parseCpuMillicores, parseMemoryBytes } from "./quantities.ts";

describe("parseMemoryBytes", () => {
  it.each([
    ["2Gi", 2 * 2 ** 30],
    ["512Mi", 512 * 2 ** 20],
    ["1Ki", 1024],
    ["2G", 2e9],
    ["100M", 1e8],
    ["1k", 1000],
    ["1e9", 1e9],
    ["1E6", 1e6],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["0.1Gi", 107374183],
    ["1500m", 2],
    ["123", 123],
    [".5Ki", 512],
  ])("reads %s", (text, want) => {
    expect(parseMemoryBytes(text)).toEqual({ ok: true, value: want });
  });

  it.each([
    ["2GiB", 'not a quantity: "2GiB"', "write 2Gi: give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["2GB", 'not a quantity: "2GB"', "write 2G: give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["2g", 'not a quantity: "2g"', "write 2G: give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["4 KB", 'not a quantity: "4 KB"', "write 4k: give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["lots", 'not a quantity: "lots"', "give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["", 'not a quantity: ""', "give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["-1Gi", "must be positive", "give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["0", "must be positive", "give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
    ["100Ei", 'too large a quantity: "100Ei"', "give a Kubernetes quantity such as 14Gi, 512Mi or 2G"],
  ])("refuses %j", (text, what, todo) => {
    expect(parseMemoryBytes(text, "--memory")).toEqual({ ok: false, problems: [{ what, where: "--memory", todo }] });
  });
});

describe("parseCpuMillicores", () => {
  it.each([
    ["4", 4000],
    ["0.5", 500],
    ["500m", 500],
    ["0.001", 1],
    ["1.1", 1100],
    ["100u", 1],
  ])("reads %s", (text, want) => {
    expect(parseCpuMillicores(text)).toEqual({ ok: true, value: want });
  });

  it("refuses what is no quantity", () => {
    expect(parseCpuMillicores("four")).toEqual({
      ok: false,
      problems: [{ what: 'not a quantity: "four"', where: "cpu", todo: "give a Kubernetes quantity such as 4, 0.5 or 500m" }],
    });
  });
});
