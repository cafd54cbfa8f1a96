/** Scenes on an http server: the result of local files, byte for byte, whatever the server does; where that cannot be, a clear error and nothing written. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import path from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

import type { Report } from "../../api/v1alpha1/report.ts";
import { changeSpec, copyExample, exampleJob } from "../support/example.ts";
import { interrupt } from "../support/interrupt.ts";
import { imageDigests, mayfly, runJob, stdoutOf } from "../support/mayfly.ts";
import { type Fault, rangeServer, type RangeServer, type RangeServerOptions, testCertificate } from "../support/range-server.ts";
import { itemsElsewhere } from "../support/remote-items.ts";
import { expectRefusal } from "../support/refusal.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
const scenes = path.dirname(exampleJob);
const image = "/LC08_L1TP_014031_20180530_B5.TIF";
let want: Readonly<Record<string, string>>;
let copies = 0;

beforeAll(async () => {
  await runJob(exampleJob, path.join(work, "local"));
  want = imageDigests(path.join(work, "local"));
});

type Remote = { readonly job: string; readonly out: string; readonly server: RangeServer };

/** The example's job over items that name a server's files. */
async function remote(options: Partial<RangeServerOptions> = {}, query = ""): Promise<Remote> {
  const server = await rangeServer({ directory: scenes, ...options });
  const directory = path.join(work, String(++copies));
  const job = copyExample(directory);
  itemsElsewhere(scenes, directory, (place) => `${server.url}/${place}${query}`);
  return { job, out: path.join(directory, "a/new/one"), server };
}

function reportOf(out: string): Report {
  return JSON.parse(readFileSync(path.join(out, "report.json"), "utf8")) as Report; // mayfly wrote it
}

/** A fault of one file's answers, from the `from`th on, for so many. */
function faulty(fault: Fault, { file = image, from = 0, times = Infinity }: { file?: string; from?: number; times?: number } = {}): Fault {
  return (request, ...rest) => request.path === file && request.nth >= from && request.nth < from + times && fault(request, ...rest);
}

function reply(status: number, headers: Record<string, string | number> = {}): Fault {
  return (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };
}

/** Answers with the range's head and a body that `spoil` sends. */
function badBody(spoil: (response: ServerResponse, body: Buffer) => void, { length = true } = {}): Fault {
  return async ({ range }, response, file) => {
    const all = await file.bytes();
    const [first, end] = [range?.[0] ?? 0, Math.min(range?.[1] ?? all.length, all.length)];
    const head = { "content-range": `bytes ${first}-${end - 1}/${all.length}`, etag: await file.etag() };
    response.writeHead(206, length ? { ...head, "content-length": end - first } : head);
    spoil(response, all.subarray(first, end));
    return true;
  };
}

describe("a run over http", () => {
  it("gives the bytes of a local run, with one request for a header and few for the rest", async () => {
    const { job, out, server } = await remote({ firstByteMs: 10 });
    await runJob(job, out);
    expect(imageDigests(out)).toEqual(want);
    const report = reportOf(out);
    const heads = server.seen.filter(({ range }) => range?.[0] === 0 && range[1] === 32 * 1024);
    expect(heads).toHaveLength(report.scenes * 3);
    expect(report).toMatchObject({ requests: server.seen.length, retries: 0, skippedScenes: [] });
    expect(server.mostAtOnce()).toBeGreaterThan(8);
  });

  it("gives them too from a server that knows no ranges", async () => {
    const whole: Fault = async (_, response, file) => {
      const bytes = await file.bytes();
      response.writeHead(200, { "content-length": bytes.length, etag: '"1"' }).end(bytes);
      return true;
    };
    const { job, out, server } = await remote({ fault: whole });
    await runJob(job, out);
    expect(imageDigests(out)).toEqual(want);
    expect(server.seen).toHaveLength(new Set(server.seen.map((request) => request.path)).size);
  });

  it.each([
    { name: "bursts of 503", fault: faulty(reply(503, { "retry-after": "0" }), { times: 3 }), wantRetries: 3 },
    {
      name: "a connection cut before the answer",
      fault: faulty((_, response) => Boolean(response.destroy()), { times: 2 }),
      wantRetries: 2,
    },
    {
      name: "a connection cut in the middle of a header",
      fault: faulty(
        badBody((response, body) => response.write(body.subarray(0, 100), () => response.destroy())),
        { times: 2 },
      ),
      wantRetries: 2,
    },
    {
      name: "a connection cut in the middle of a block",
      fault: faulty(
        badBody((response, body) => response.write(body.subarray(0, 100), () => response.destroy())),
        { from: 1, times: 1 },
      ),
      wantRetries: 1,
    },
    {
      name: "an answer that ends early as if it were whole",
      fault: faulty(
        badBody((response, body) => response.end(body.subarray(0, 100)), { length: false }),
        { times: 2 },
      ),
      wantRetries: 2,
    },
    {
      name: "a redirect of every file",
      fault: (({ path: place, search }, response) =>
        search === "" && Boolean(response.writeHead(302, { location: `${place}?moved` }).end())) satisfies Fault,
      wantRetries: 0,
    },
  ])("sits out $name", async ({ fault, wantRetries }) => {
    const { job, out } = await remote({ fault });
    await runJob(job, out);
    expect(imageDigests(out)).toEqual(want);
    expect(reportOf(out).retries).toBe(wantRetries);
  });

  it("keeps the signature of a signed item list out of everything that it writes", async () => {
    const { job, out, server } = await remote();
    await runJob(job, out, ["--set", `spec.source.items=${server.url}/items.json?X-Amz-Signature=se33cret`]);
    expect(readFileSync(path.join(out, "job.yaml"), "utf8")).toContain(`${server.url}/items.json\n`);
    for (const name of ["job.yaml", "item.json", "report.json"])
      expect(readFileSync(path.join(out, name), "utf8")).not.toContain("se33cret");
  });

  it("says in its plan where it reads, and what", async () => {
    const { job, server } = await remote();
    const bill = JSON.parse(await stdoutOf(["plan", job, "--json"])) as object;
    expect(bill).toMatchObject({ places: [{ name: server.url, files: 57 }], skippedScenes: [] });
  });
});

describe("a run over http stops, naming the file, at", () => {
  const rows: readonly { readonly name: string; readonly fault: Fault; readonly what: string; readonly todo?: string }[] = [
    { name: "a missing file", fault: reply(404), what: "HTTP status 404", todo: "it is not there: check the link" },
    { name: "a forbidden file", fault: reply(403), what: "HTTP status 403", todo: "it may not be read: check that the URL is signed" },
    { name: "a redirect loop", fault: reply(302, { location: image }), what: "more than 5 redirects" },
    {
      name: "a redirect to the metadata service",
      fault: reply(302, { location: "http://169.254.169.254/latest/meta-data/" }),
      what: "leads to a link-local address",
    },
    { name: "a redirect to a local file", fault: reply(302, { location: "file:///etc/passwd" }), what: "redirects to a file: address" },
    {
      name: "another range than asked",
      fault: (_, response) => Boolean(response.writeHead(206, { "content-range": "bytes 5-9/100000" }).end("12345")),
      what: "the server gave bytes 5 to 9 for 0 to 32767",
    },
    {
      name: "a range that is not said",
      fault: (_, response) => Boolean(response.writeHead(206).end("12345")),
      what: "the server gave a range without saying which",
    },
    { name: "an empty file", fault: reply(416, { "content-range": "bytes */0" }), what: "not a readable TIFF" },
    {
      name: "a large file of a server without ranges",
      fault: (_, response) => {
        response.writeHead(200, { "content-length": 5e9 }).write("II*");
        return true;
      },
      what: "the server gives no byte ranges",
    },
    {
      name: "a body longer than its range",
      fault: badBody((response, body) => response.end(Buffer.concat([body, body])), { length: false }),
      what: "the server gave more than the \\d+ bytes of the range",
    },
  ];

  it.each(rows)("$name", async ({ fault, what, todo = "" }) => {
    const { job, out, server } = await remote({ fault: faulty(fault) }, "?sig=secret");
    const wantLine = new RegExp(`^error: ${what}.*: ${server.url}${image}\\?…: ${todo}`);
    await expectRefusal({ job, out, wantStatus: 1, wantLines: [wantLine] });
  });

  it("a file that changes while it is read", async () => {
    let version = 0;
    const fault: Fault = async ({ range }, response, file) => {
      const all = await file.bytes();
      const [first, end] = [range?.[0] ?? 0, Math.min(range?.[1] ?? all.length, all.length)];
      response.writeHead(206, { "content-range": `bytes ${first}-${end - 1}/${all.length}`, etag: `"${version++}"` });
      return Boolean(response.end(all.subarray(first, end)));
    };
    const { job, out, server } = await remote({ fault: faulty(fault) });
    const wantLines = [new RegExp(`^error: the file changed while it was read: ${server.url}${image}: run again when nobody writes it`)];
    await expectRefusal({ job, out, wantStatus: 1, wantLines });
  });

  it("a file shorter than its header says", async () => {
    const { size } = statSync(path.join(scenes, image));
    const fault: Fault = async ({ range }, response, file) => {
      const all = (await file.bytes()).subarray(0, size - 500);
      const [first, end] = [range?.[0] ?? 0, Math.min(range?.[1] ?? all.length, all.length)];
      response.writeHead(206, { "content-range": `bytes ${first}-${end - 1}/${all.length}` });
      return Boolean(response.end(all.subarray(first, end)));
    };
    const { job, out, server } = await remote({ fault: faulty(fault) });
    const wantLines = [new RegExp(`^error: not a readable TIFF \\(block \\d+ lies past the end of the file\\): ${server.url}${image}: `)];
    await expectRefusal({ job, out, wantStatus: 1, wantLines });
  });
});

describe("a run over https", () => {
  it("trusts nobody whom it was not told to", async () => {
    const { job, out, server } = await remote({ tls: true });
    const wantLines = [
      new RegExp(`^error: its certificate is not trusted \\(.+\\): ${server.url}.*: set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS`),
    ];
    await expectRefusal({ job, out, wantStatus: 1, wantLines });
  });

  it.each(["SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])(
    "takes the authority of %s",
    async (variable) => {
      const { job, out } = await remote({ tls: true });
      const result = await mayfly(["run", job, "--out", out, "--progress", "none"], {
        env: { ...process.env, [variable]: testCertificate },
      });
      expect(result).toMatchObject({ status: 0, stderr: "" });
      expect(imageDigests(out)).toEqual(want);
    },
  );

  it("names the variable whose file is no bundle", async () => {
    const { job, out } = await remote({ tls: true });
    const { status, stderr } = await mayfly(["run", job, "--out", out], { env: { ...process.env, SSL_CERT_FILE: job } });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `error: the CA bundle of SSL_CERT_FILE holds no PEM certificate: ${job}: correct or unset SSL_CERT_FILE\n`,
    });
  });

  it("goes through the proxy of HTTPS_PROXY, by a tunnel", async () => {
    const { job, out, server } = await remote({ tls: true });
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", (request, client, head) => {
      tunnels.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const onward = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.write(head);
        onward.pipe(client).pipe(onward);
      });
      onward.on("error", () => client.destroy());
      client.on("error", () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`; // it listens on a port
    const env = { ...process.env, HTTPS_PROXY: address, NO_PROXY: "", no_proxy: "", SSL_CERT_FILE: testCertificate };
    expect(await mayfly(["run", job, "--out", out, "--progress", "none"], { env })).toMatchObject({ status: 0, stderr: "" });
    expect(imageDigests(out)).toEqual(want);
    expect(new Set(tunnels)).toEqual(new Set([new URL(server.url).host]));
  });
});

describe("a run that waits for a server", () => {
  it.each([
    { name: "while it plans", from: 0 },
    { name: "while it computes", from: 1 },
  ])("ends at once by Ctrl-C $name, and leaves nothing", async ({ from }) => {
    let waiting = false;
    const silent: Fault = ({ nth }) => {
      waiting ||= nth >= from;
      return nth >= from;
    };
    const { job, out } = await remote({ fault: silent });
    const args = ["run", job, "--out", out, "--progress", "none"];
    const { status, secondsAfterSignal, left } = await interrupt({ args, signal: "SIGINT", moment: () => waiting });
    expect({ status, left }).toEqual({ status: 130, left: [] });
    expect(secondsAfterSignal).toBeLessThan(2);
    expect(existsSync(path.dirname(out))).toBe(false);
  });
});

describe("onError: skip", () => {
  const item = "LC08_L1TP_014031_20180530";

  /** The digests of the job without that scene. */
  async function wantWithout(): Promise<Readonly<Record<string, string>>> {
    const directory = path.join(work, `without-${++copies}`);
    mkdirSync(directory);
    const job = copyExample(directory);
    const list = JSON.parse(readFileSync(path.join(scenes, "items.json"), "utf8")) as { features: { id: string }[] }; // STAC items
    writeFileSync(
      path.join(directory, "items.json"),
      JSON.stringify({ ...list, features: list.features.filter(({ id }) => !id.includes(item)) }),
    );
    const out = path.join(directory, "out");
    await runJob(job, out);
    return imageDigests(out);
  }

  const skip = (job: string): void => changeSpec(job, (spec) => ((spec["source"] as Record<string, unknown>)["onError"] = "skip"));

  it.each([
    { name: "whose header cannot be read", fault: faulty(reply(404)), reason: "HTTP status 404" },
    { name: "one of whose blocks cannot be read", fault: faulty(reply(404), { from: 1 }), reason: "HTTP status 404" },
    {
      name: "one of whose blocks is damaged",
      fault: faulty(
        badBody((response, body) => response.end(Buffer.alloc(body.length, 0x55))),
        { from: 1 },
      ),
      reason: "block \\d+ cannot be decoded",
    },
  ])("a scene $name is left out as if it had not been there, and listed", async ({ fault, reason }) => {
    const { job, out, server } = await remote({ fault }, "?sig=secret");
    skip(job);
    await runJob(job, out);
    expect(imageDigests(out)).toEqual(await wantWithout());
    const { skippedScenes, scenes: count } = reportOf(out);
    expect({ skippedScenes, count }).toEqual({
      skippedScenes: [
        { id: expect.stringContaining(item), reason: expect.stringMatching(new RegExp(`^${reason}.*: ${server.url}${image}\\?…$`)) },
      ],
      count: 18,
    });
    const again = await mayfly(["run", job, "--out", out]);
    expect({ status: again.status, text: again.stdout }).toEqual({
      status: 0,
      text: expect.stringMatching(/^Already complete: .*without 1 scenes? that could not be read/),
    });
  });

  it("with no scene left is an error", async () => {
    const { job, out, server } = await remote({ fault: reply(404) });
    skip(job);
    await expectRefusal({ job, out, wantStatus: 1, wantLines: [new RegExp(`^error: HTTP status 404: ${server.url}`)] });
  });
});
