/** Whole commands on item sources that are large, and on the real items of the USGS with nothing but their endpoint rewritten. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";

import { exampleJob } from "../support/example.ts";
import { mayfly, mayflyCommand } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { startRangeServer } from "../support/range-server.ts";
import { runCommand } from "../support/run-command.ts";
import { itemJson, landingPage, pageOf, startStacServer } from "../support/stac-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
let jobs = 0;

function jobOf(source: object): string {
  const file = path.join(work, `job-${++jobs}.yaml`);
  const spec = {
    source,
    product: "landsat-c2-l2",
    grid: { crs: "EPSG:32618", resolution: 3000 },
    mask: { band: "qa_pixel", flags: { cloud: "not_high_confidence" } },
    index: "ndvi",
  };
  writeFileSync(file, stringify({ apiVersion: "compute.mayfly.dev/v1alpha1", kind: "ComputeJob", metadata: { name: "test" }, spec }));
  return file;
}

describe("a STAC API of more items than a job may have", () => {
  it("is refused with what to narrow, within 600 MiB", async () => {
    const size = 5000;
    const server = await startStacServer(({ path, body }, _response, url) => {
      if (path === "/") return landingPage(url);
      const page = Number(body?.["page"] ?? 0);
      const assets = Object.fromEntries(
        ["red", "nir08", "qa_pixel", "blue", "green"].map((key) => [
          key,
          { href: `https://example.com/${"x".repeat(120)}/${page}/${key}.tif` },
        ]),
      );
      const items = Array.from({ length: size }, (_, i) => itemJson(`item-${page * size + i}`, { assets }));
      return pageOf(items, { href: `${url}/search`, method: "POST", merge: true, body: { page: page + 1 } });
    });
    onTestFinished(() => server.close());
    const { status, stderr, peakResidentBytes } = await runCommand(mayflyCommand, ["plan", jobOf({ stac: { url: server.url } })]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `error: item list unreadable (more than 100000 items, of at most 100000): ${server.url}/search: narrow spec.region, spec.time, or the collections, query or filter in spec.source.stac\n`,
    });
    expect(server.seen).toHaveLength(1 + 100_000 / size + 1);
    // 325 MiB were seen; the answers together have some 100 MB.
    expect(peakResidentBytes).toBeLessThan(600 * 2 ** 20);
  });
});

describe("the USGS's own items", () => {
  const fixtures = path.join(projectRoot, "test/fixtures/stac/usgs-stac-server-1.0.0");
  type Item = { assets: Record<string, { href: string; alternate: { s3: { href: string } } }> };
  const items = readdirSync(fixtures)
    .filter((name) => /^L[CE]0/.test(name))
    .map((name) => JSON.parse(readFileSync(path.join(fixtures, name), "utf8")) as Item); // STAC items with alternates
  const list = path.join(work, "usgs.json");
  writeFileSync(list, JSON.stringify({ type: "FeatureCollection", features: items }));

  it("are not paid for unasked", async () => {
    const { status, stderr } = await mayfly(["plan", jobOf({ items: list })]);
    expect(status).toBe(2);
    // One cause, one line.
    expect(stderr).toMatch(
      /^error: the reader pays for s3:\/\/usgs-landsat \(landsatlook\.usgs\.gov wants a login\): item L\w+(, item L\w+){2}: set spec\.source\.s3\.requesterPays: true, with credentials whose account is billed\n$/,
    );
  });

  it("are read from S3, with the header of who pays", async () => {
    const directory = path.join(work, "s3");
    const example = path.dirname(exampleJob);
    for (const { assets } of items)
      for (const [key, band] of [
        ["red", "B4"],
        ["nir08", "B5"],
        ["qa_pixel", "BQA"],
      ] as const) {
        const object = path.join(directory, assets[key]?.alternate.s3.href.slice("s3://".length) ?? "");
        mkdirSync(path.dirname(object), { recursive: true });
        copyFileSync(path.join(example, `LC08_L1TP_013032_20180405_${band}.TIF`), object);
      }
    const s3 = await startRangeServer({ directory });
    onTestFinished(() => s3.close());
    const job = jobOf({ items: list, s3: { requesterPays: true, region: "us-west-2", endpoint: s3.url } });
    const env = { ...process.env, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_EC2_METADATA_DISABLED: "true" };
    const { status, stdout, stderr } = await mayfly(["plan", job], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^items +3 in .*usgs\.json$/m);
    expect(stdout).toMatch(/^scenes +3$/m);
    // Beside them the bucket is asked for its region, which nobody pays for.
    const isBucket = (place: string): boolean => /^\/usgs-landsat\/?$/.test(place);
    const objects = s3.seen.filter(({ path: place }) => !isBucket(place));
    expect(s3.seen.filter(({ path: place, method }) => isBucket(place) && method !== "HEAD")).toEqual([]);
    expect(objects.length).toBeGreaterThanOrEqual(9);
    for (const { path: place, headers } of objects) {
      expect(headers["x-amz-request-payer"]).toBe("requester");
      expect(place).toMatch(/^\/usgs-landsat\/collection02\/level-2\/.*_(SR_B[345]|QA_PIXEL)\.TIF$/);
    }
    const big = path.join(directory, "lists/items.json");
    mkdirSync(path.dirname(big), { recursive: true });
    // Longer than what is read with the first request.
    writeFileSync(big, readFileSync(list, "utf8") + " ".repeat(5 * 2 ** 20));
    const fromS3 = jobOf({ items: "s3://lists/items.json", s3: { requesterPays: true, region: "us-west-2", endpoint: s3.url } });
    expect((await mayfly(["plan", fromS3], { env })).stdout).toMatch(/^items +3 in s3:\/\/lists\/items\.json$/m);
    const [etm] = s3.seen.filter(({ path: place }) => /LE07.*_SR_B3\.TIF$/.test(place));
    expect(etm).toBeDefined();
  });
});
