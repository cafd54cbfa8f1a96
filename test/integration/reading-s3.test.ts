/** Scenes in S3, on a real server behind a proxy that asks the requester to pay: the result of local files, byte for byte, or an error that says what to do. */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import type { Report } from "../../api/v1alpha1/report.ts";
import { changeSpec, copyExample, exampleJob } from "../support/example.ts";
import { imageDigests, mayfly, runJob } from "../support/mayfly.ts";
import { itemsElsewhere } from "../support/remote-items.ts";
import type { CommandResult } from "../support/run-command.ts";
import {
  accountEnvironment,
  environmentWith,
  type RequesterPaysProxy,
  type S3Fault,
  type S3Server,
  s3ServerIsReady,
  startRequesterPaysProxy,
  startS3Server,
} from "../support/s3-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const scenes = path.dirname(exampleJob);
const image = "LC08_L1TP_014031_20180530_B5.TIF";

// The server is built by Go; skipped where `npm test` could not build it.
describe.skipIf(!s3ServerIsReady)("a run from S3", () => {
  const work = temporaryDirectory();
  let server: S3Server;
  let copies = 0;

  beforeAll(async () => {
    server = await startS3Server(path.join(work, "s3"), ["scenes"]);
    await server.putAll(scenes, "scenes");
  });

  afterAll(() => server?.close());

  type Remote = { readonly job: string; readonly out: string; readonly proxy: RequesterPaysProxy };
  type S3Spec = Readonly<Record<string, string | boolean>>;

  async function remote(s3: S3Spec, { fault, bucket = "scenes" }: { fault?: S3Fault; bucket?: string } = {}): Promise<Remote> {
    const proxy = await startRequesterPaysProxy(server.url, fault ? { fault } : {});
    onTestFinished(() => proxy.close());
    const directory = path.join(work, String(++copies));
    mkdirSync(directory);
    const job = copyExample(directory);
    itemsElsewhere(scenes, directory, (place) => `s3://${bucket}/${place}`);
    changeSpec(job, (spec) => {
      spec["source"] = { ...(spec["source"] as object), s3: { endpoint: proxy.url, ...s3 } };
    });
    return { job, out: path.join(directory, "out"), proxy };
  }

  function run({ job, out }: Remote, account: Readonly<Record<string, string>> = accountEnvironment): Promise<CommandResult> {
    return mayfly(["run", job, "--out", out, "--progress", "none"], { env: environmentWith(account) });
  }

  function reportOf({ out }: Remote): Report {
    return JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as Report; // mayfly wrote it
  }

  async function wantLikeLocal(asked: Remote): Promise<void> {
    await runJob(exampleJob, path.join(work, `local-${++copies}`));
    expect(imageDigests(asked.out)).toEqual(imageDigests(path.join(work, `local-${copies}`)));
  }

  it("that asks the requester to pay gives the bytes of a local run, a header by one request", async () => {
    const asked = await remote({ requesterPays: true, region: "us-east-1" });
    const { status, stderr } = await run(asked);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    await wantLikeLocal(asked);
    const report = reportOf(asked);
    expect(report).toMatchObject({ requests: asked.proxy.seen.length, retries: 0, skippedScenes: [] });
    expect(asked.proxy.seen.filter(({ range }) => range === "bytes=0-32767")).toHaveLength(report.scenes * 3);
    expect(asked.proxy.seen.every(({ method }) => method === "GET")).toBe(true);
  });

  it("sits out trouble, and counts it", async () => {
    const slowDown =
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';
    const fault: S3Fault = ({ path: place, nth }, response) => {
      if (!place.endsWith(image) || nth > 2) return false;
      if (nth === 0) response.writeHead(503, { "content-type": "application/xml" }).end(slowDown);
      else if (nth === 1) response.destroy();
      else response.writeHead(206, { "content-length": 8516, "content-range": "bytes 0-8515/8516" }).write("II*", () => response.destroy());
      return true;
    };
    const asked = await remote({ requesterPays: true }, { fault });
    expect(await run(asked)).toMatchObject({ status: 0, stderr: "" });
    await wantLikeLocal(asked);
    expect(reportOf(asked).retries).toBe(3);
  });

  const { AWS_ACCESS_KEY_ID: _, ...noKey } = accountEnvironment;
  it.each<{ name: string; s3: S3Spec; bucket?: string; account?: Readonly<Record<string, string>>; want: RegExp }>([
    {
      name: "without requesterPays",
      s3: {},
      want: /access denied \(AccessDenied\): s3:\/\/.*: set spec.source.s3.requesterPays: true if scenes is such/,
    },
    { name: "unsigned", s3: { unsigned: true, requesterPays: true }, want: /access denied .*: spec.source.s3.unsigned is on: drop it/ },
    {
      name: "from a bucket that is not there",
      s3: { requesterPays: true },
      bucket: "nowhere",
      want: /there is no bucket nowhere \(NoSuchBucket\)/,
    },
    {
      name: "in another region",
      s3: { requesterPays: true, region: "eu-west-1" },
      want: /is not in eu-west-1 .*: set spec.source.s3.region to us-east-1$/m,
    },
    {
      name: "with a wrong secret",
      s3: { requesterPays: true },
      account: { ...accountEnvironment, AWS_SECRET_ACCESS_KEY: "wrong" },
      want: /\(SignatureDoesNotMatch\): .*: check AWS_ACCESS_KEY_ID/,
    },
    {
      name: "without credentials",
      s3: { requesterPays: true },
      account: noKey,
      want: /no AWS credentials were found: .*: set AWS_ACCESS_KEY_ID/,
    },
  ])("$name says what to do", async ({ s3, bucket = "scenes", account, want }) => {
    const asked = await remote(s3, { bucket });
    const { status, stderr } = await run(asked, account);
    expect({ status, lines: stderr.trimEnd().split("\n").length }).toEqual({ status: 1, lines: 1 });
    expect(stderr).toMatch(/^error: [^:].*: s3:\/\/\S+: .+\n$/);
    expect(stderr).toMatch(want);
    expect(stderr).not.toContain("wrong");
  });

  it("names a missing object, and with onError: skip leaves its scene out", async () => {
    const gone: S3Fault = ({ path: place }, response) => {
      if (!place.endsWith(image)) return false;
      response.writeHead(404, { "content-type": "application/xml" });
      return Boolean(response.end('<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>-</Message></Error>'));
    };
    const asked = await remote({ requesterPays: true }, { fault: gone });
    expect((await run(asked)).stderr).toBe(
      `error: no such object in the bucket (NoSuchKey): s3://scenes/${image}: check the item's href\n`,
    );
    changeSpec(asked.job, (spec) => {
      spec["source"] = { ...(spec["source"] as object), onError: "skip" };
    });
    expect(await run(asked)).toMatchObject({ status: 0 });
    const [skipped, ...others] = reportOf(asked).skippedScenes;
    expect(others).toEqual([]);
    expect(skipped?.reason).toBe(`no such object in the bucket (NoSuchKey): s3://scenes/${image}`);
  });

  it("ignores the Secret of a cluster, and says so once", async () => {
    const asked = await remote({ requesterPays: true, credentialsSecretName: "my-keys" });
    const { status, stderr } = await run(asked);
    expect({ status, notes: stderr.match(/^note: .*credentialsSecretName/gm)?.length }).toEqual({ status: 0, notes: 1 });
  });

  it("is planned with the bucket and its region", async () => {
    const asked = await remote({ requesterPays: true });
    const { stdout } = await mayfly(["plan", asked.job, "--json"], { env: environmentWith(accountEnvironment) });
    expect(JSON.parse(stdout)).toMatchObject({ places: [{ name: "s3://scenes", files: 57 }] });
  });
});
