/** Jobs whose items come from servers: STAC APIs of other people by POST and by GET, lists over http. The images are those of the local list. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { changeSpec, copyExample, exampleJob } from "../support/example.ts";
import { imageDigests, mayfly, planOf, runJob, stdoutOf } from "../support/mayfly.ts";
import { type RangeServer, startRangeServer } from "../support/range-server.ts";
import { pythonIsReady } from "../support/python.ts";
import { type StartedApi, startRustac, startStacFastApi } from "../support/stac-apis.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const example = path.dirname(exampleJob);
const work = temporaryDirectory();
let files: RangeServer;
let wanted: Readonly<Record<string, string>>;
let copies = 0;

beforeAll(async () => {
  const served = path.join(work, "served");
  cpSync(example, served, { recursive: true });
  files = await startRangeServer({ directory: served });
  writeFileSync(
    path.join(served, "absolute.json"),
    withHrefs((name) => `${files.url}/${name}`),
  );
  await runJob(exampleJob, path.join(work, "local"));
  wanted = imageDigests(path.join(work, "local"));
});

afterAll(async () => files.close());

/** The example's items with each asset's href changed. */
function withHrefs(href: (name: string) => string): string {
  const list = JSON.parse(readFileSync(path.join(example, "items.json"), "utf8")) as {
    features: { assets: Record<string, { href: string }> }[];
  }; // the example's own
  for (const { assets } of list.features) for (const asset of Object.values(assets)) asset.href = href(asset.href);
  return JSON.stringify(list);
}

function jobWith(source: object, spec: object = {}): string {
  const job = copyExample(path.join(work, `job-${++copies}`));
  changeSpec(job, (whole) => Object.assign(whole, { source }, spec));
  return job;
}

async function sameImages(job: string): Promise<void> {
  const out = `${path.dirname(job)}-out`;
  await runJob(job, out);
  expect(imageDigests(out)).toEqual(wanted);
}

describe.skipIf(!pythonIsReady)("items of a STAC API", () => {
  it.each<readonly [name: string, start: (items: string) => Promise<StartedApi>, limit: number | undefined, want: RegExp]>([
    ["rustac, by POST", startRustac, 4, /^items +19 in http:\/\/\S+\/search, by POST in [56] pages$/m],
    ["stac-fastapi, by POST", (items) => startStacFastApi(items, false), undefined, /^items +19 in http:\S+, by POST in 4 pages$/m],
    ["stac-fastapi, by GET", (items) => startStacFastApi(items, true), 7, /^items +19 in http:\S+, by GET in 3 pages$/m],
  ])("%s", async (_name, start, limit, want) => {
    const api = await start(path.join(work, "served/absolute.json"));
    try {
      const stac = { url: api.url, collections: ["landsat-c1-l1"], ...(limit === undefined ? {} : { limit }) };
      const job = jobWith({ stac });
      expect(await stdoutOf(["plan", job])).toMatch(want);
      await sameImages(job);
      const summer = await planOf(jobWith({ stac }, { time: { start: "2018-06", end: "2018-08" } }));
      expect(summer.groups.map(({ name, days }) => [name, days])).toEqual([["JJA", ["2018-06-15", "2018-07-10", "2018-08-27"]]]);
      const two = { ...stac, ids: ["LC08_L1TP_013032_20180131", "LC08_L1TP_014031_20180903"] };
      expect((await planOf(jobWith({ stac: two }))).scenes).toBe(2);
      const elsewhere = await mayfly(["plan", jobWith({ stac }, { region: { lon: [10, 11], lat: [50, 51] } })]);
      expect(elsewhere).toMatchObject({ status: 2, stdout: "" });
      expect(elsewhere.stderr).toMatch(
        /^error: the search found no item: http:\S+\/search: check spec\.source\.stac, spec\.region and spec\.time\n$/,
      );
    } finally {
      await api.close();
    }
  });
});

describe("items of a list over http", () => {
  it.each(["items.json", "absolute.json"])("%s", async (name) => {
    const job = jobWith({ items: `${files.url}/${name}` });
    expect(await stdoutOf(["plan", job])).toMatch(new RegExp(`^items +19 in ${files.url}/${name}$`, "m"));
    await sameImages(job);
  });

  it("never lead to files here", async () => {
    writeFileSync(
      path.join(work, "served/local.json"),
      withHrefs((name) => `file://${path.join(example, name)}`),
    );
    mkdirSync(path.join(work, "refused"));
    const { status, stderr } = await mayfly([
      "run",
      jobWith({ items: `${files.url}/local.json` }),
      "--out",
      path.join(work, "refused/out"),
    ]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `error: an href leads to a file of this machine (file:): ${files.url}/local.json: features[0]: only http, https and s3 links are followed from there: correct it\n`,
    });
  });

  it("are asked for by a job without a file of its own beside it", async () => {
    const { status, stderr } = await mayfly(["plan", jobWith({ items: `${files.url}/gone.json` })]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: item list unreadable \(HTTP status 404.*\): http:\S+\/gone\.json: it is not there: check the link\n$/);
  });
});
