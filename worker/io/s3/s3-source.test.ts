import { MockAgent } from "undici";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createS3Source, type S3ReadOptions, type S3Source } from "./s3-source.ts";

/** AWS itself is not asked: undici's own stand-in answers in its place. What a real server does is in test/integration/reading-s3.test.ts. */
function start(s3: S3ReadOptions = {}): { readonly aws: MockAgent; readonly source: S3Source } {
  const aws = new MockAgent();
  aws.disableNetConnect();
  const source = createS3Source({ s3, transport: aws, env: {}, random: () => 0 });
  onTestFinished(() => source.close());
  return { aws, source };
}

const { signal } = new AbortController();
const href = "s3://usgs-landsat/collection02/a b+c.TIF";
const key = "/collection02/a%20b%2Bc.TIF";

/** An object whose bytes are 0 to 99. */
function whole(aws: MockAgent, region: string, headers: Record<string, string> = {}): void {
  aws
    .get(`https://usgs-landsat.s3.${region}.amazonaws.com`)
    .intercept({ path: (asked) => asked.split("?")[0] === key, method: "GET", headers: { range: "bytes=0-9", ...headers } })
    .reply(206, Buffer.from(Array.from({ length: 10 }, (_, i) => i)), { headers: { "content-range": "bytes 0-9/100", etag: '"abc"' } });
}

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKID");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  onTestFinished(() => void vi.unstubAllEnvs());
});

describe("an S3 source", () => {
  it("asks for the bucket's region once where none is said, and reads there", async () => {
    const { aws, source } = start({ requesterPays: true });
    const head = { headers: { "x-amz-bucket-region": "us-west-2" } };
    aws.get("https://usgs-landsat.s3.us-east-1.amazonaws.com").intercept({ path: "/", method: "HEAD" }).reply(403, "", head);
    whole(aws, "us-west-2", { "x-amz-request-payer": "requester" });
    const { file, head: bytes } = await source.open(href, 10, signal);
    expect({ file, bytes: [...bytes] }).toEqual({ file: { sizeBytes: 100, version: '"abc"' }, bytes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(await source.bucketRegion(href, signal)).toBe("us-west-2");
    expect(source.counters()).toEqual({ requests: 2, bytesRead: 10, retries: 0 });
  });

  it("asks nobody where the region is said", async () => {
    const { aws, source } = start({ region: "us-west-2" });
    whole(aws, "us-west-2", { authorization: /^AWS4-HMAC-SHA256 Credential=AKID/ as unknown as string }); // undici takes patterns
    expect((await source.open(href, 10, signal)).file.sizeBytes).toBe(100);
  });

  it("signs nothing where it is to read unsigned", async () => {
    const { aws, source } = start({ region: "us-west-2", unsigned: true });
    whole(aws, "us-west-2", { authorization: ((value: string | undefined) => value === undefined) as unknown as string }); // and functions
    expect((await source.open(href, 10, signal)).file.sizeBytes).toBe(100);
  });

  it.each([
    ["ExpiredToken", 400, "the credentials have expired", "renew them"],
    ["InvalidAccessKeyId", 403, "the access key is not known", "check AWS_ACCESS_KEY_ID"],
    ["AccessDenied", 403, "access denied", "set spec.source.s3.requesterPays: true"],
    ["NoSuchBucket", 404, "there is no bucket usgs-landsat", "check the item's href"],
    ["InvalidObjectState", 403, "the object is archived", "restore it"],
    ["NotImplemented", 501, "S3 answers NotImplemented (status 501)", "run again later"],
  ])("%s is said with what to do", async (code, status, what, todo) => {
    const { aws, source } = start({ region: "us-west-2" });
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>-</Message></Error>`;
    aws
      .get("https://usgs-landsat.s3.us-west-2.amazonaws.com")
      .intercept({ path: () => true, method: "GET" })
      .reply(status, body, { headers: { "content-type": "application/xml" } })
      .persist();
    const error = await source.open(href, 10, signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ tag: "SourceError", href });
    expect(String(error)).toContain(what);
    expect(String(error)).toContain(`: ${href}: ${todo}`);
  });

  it("names the region that a redirect tells", async () => {
    const { aws, source } = start({ region: "eu-west-1" });
    const body = '<?xml version="1.0"?><Error><Code>PermanentRedirect</Code><Message>-</Message></Error>';
    aws
      .get("https://usgs-landsat.s3.eu-west-1.amazonaws.com")
      .intercept({ path: () => true, method: "GET" })
      .reply(301, body, { headers: { "content-type": "application/xml", "x-amz-bucket-region": "us-west-2" } });
    await expect(source.open(href, 10, signal)).rejects.toThrow(
      `the bucket usgs-landsat is not in eu-west-1 (PermanentRedirect): ${href}: set spec.source.s3.region to us-west-2`,
    );
  });

  it.each(["s3://bucket", "s3://bucket/", "s3:///key"])("%s is no address of an object", async (address) => {
    await expect(start().source.open(address, 10, signal)).rejects.toThrow(/not an s3:\/\/bucket\/key address/);
  });
});
