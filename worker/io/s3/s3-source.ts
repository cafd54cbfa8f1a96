/**
 * Objects in S3 as a {@link ByteSource}: one ranged GET opens one, and one gives each range. Made from spec.source.s3 alone, so that reading and writing
 * may use different accounts. The SDK is loaded with the first object: it costs 34 MiB.
 */
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { GetObjectCommandOutput, S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { Dispatcher } from "undici";
import { SourceError } from "../../../runtime/errors.ts";
import type { FileIdentity } from "../../core/raster/source-raster.ts";
import { drop } from "../http/http-client.ts";
import { delayBeforeRetryMs, MAX_TRIES } from "../http/retry-policy.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { type AskedRange, faultOfRange, parseContentRange } from "../source/range-answer.ts";
import { regionToldBy, s3Error, type S3Access, triesOf } from "./s3-errors.ts";
import { createSdkHandler } from "./sdk-transport.ts";

/** As spec.source.s3 says it; `credentialsSecretName` is the pod's matter. */
export type S3ReadOptions = {
  readonly requesterPays?: boolean | undefined;
  readonly unsigned?: boolean | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
};

export type S3SourceOptions = {
  readonly s3: S3ReadOptions;
  /** Not closed by the source. */
  readonly transport: Dispatcher;
  /** AWS_REGION, AWS_ENDPOINT_URL_S3 and their like; the credentials are found by the SDK's own chain. */
  readonly env: NodeJS.ProcessEnv;
  readonly random?: () => number;
};

export type S3Source = ByteSource & {
  /** The region of an object's bucket; undefined where it cannot be known. */
  bucketRegion(href: string, signal: AbortSignal): Promise<string | undefined>;
};

type Place = { readonly bucket: string; readonly key: string };

/** Asked first where nothing is said: every bucket's own region is told from there. */
const DEFAULT_REGION = "us-east-1";

export function createS3Source({ s3, transport, env, random = Math.random }: S3SourceOptions): S3Source {
  const counters = { requests: 0, bytesRead: 0, retries: 0 };
  const endpoint = s3.endpoint ?? env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"];
  const saidRegion = s3.region ?? (endpoint === undefined ? undefined : (env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? DEFAULT_REGION));
  const clients = new Map<string, Promise<S3Client>>();
  const regions = new Map<string, Promise<string | undefined>>();

  async function makeClient(region: string): Promise<S3Client> {
    const { S3Client } = await import("@aws-sdk/client-s3");
    const config: S3ClientConfig = {
      region,
      requestHandler: createSdkHandler(transport, () => counters.requests++),
      maxAttempts: MAX_TRIES,
      retryMode: "standard",
      // A checksum of the whole object says nothing of a range.
      responseChecksumValidation: "WHEN_REQUIRED",
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(s3.unsigned
        ? { signer: { sign: (request) => Promise.resolve(request) }, credentials: { accessKeyId: "", secretAccessKey: "" } }
        : {}),
    };
    return new S3Client(config);
  }

  function clientFor(region: string): Promise<S3Client> {
    const client = clients.get(region) ?? makeClient(region);
    clients.set(region, client);
    return client;
  }

  /** One HEAD a bucket; its answer names the region even where it is a refusal. */
  async function findRegion(bucket: string, signal: AbortSignal): Promise<string | undefined> {
    const { HeadBucketCommand } = await import("@aws-sdk/client-s3");
    const client = await clientFor(saidRegion ?? env["AWS_REGION"] ?? DEFAULT_REGION);
    try {
      const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
      return BucketRegion;
    } catch (cause) {
      signal.throwIfAborted();
      return regionToldBy(cause);
    }
  }

  function regionOf(bucket: string, signal: AbortSignal): Promise<string | undefined> {
    const region = regions.get(bucket) ?? findRegion(bucket, signal);
    regions.set(bucket, region);
    return region;
  }

  async function accessTo(bucket: string, signal: AbortSignal): Promise<S3Access> {
    const region = saidRegion ?? (await regionOf(bucket, signal)) ?? env["AWS_REGION"] ?? DEFAULT_REGION;
    return { bucket, region, requesterPays: s3.requesterPays ?? false, unsigned: s3.unsigned ?? false };
  }

  /** Tries that begin anew where a body breaks off; those before a body are the SDK's. */
  async function get(
    href: string,
    asked: AskedRange,
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<{ file: FileIdentity; length: number }> {
    const place = placeOf(href);
    const access = await accessTo(place.bucket, signal);
    for (let tries = 1; ; tries++) {
      try {
        return await getOnce(href, place, access, { asked, target, signal });
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SourceError) throw error;
        if (!(error instanceof BrokenBodyError)) {
          counters.retries += triesOf(error) - 1;
          throw s3Error(href, access, error);
        }
        if (tries === MAX_TRIES) throw brokenOff(href, tries, error);
        counters.retries++;
        await sleep(delayBeforeRetryMs(tries, random(), undefined), undefined, { signal });
      }
    }
  }

  async function getOnce(
    href: string,
    { bucket, key }: Place,
    access: S3Access,
    { asked, target, signal }: { asked: AskedRange; target: Uint8Array; signal: AbortSignal },
  ): Promise<{ file: FileIdentity; length: number }> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      Range: `bytes=${asked.offset}-${asked.offset + asked.length - 1}`,
      ...(access.requesterPays ? { RequestPayer: "requester" } : {}),
    });
    const client = await clientFor(access.region);
    const answer = await client.send(command, { abortSignal: signal });
    counters.retries += (answer.$metadata.attempts ?? 1) - 1;
    const range = parseContentRange(answer.ContentRange);
    if (!range) throw refuse(href, answer, "the server gives no byte ranges");
    const version = answer.ETag ?? answer.LastModified?.toISOString() ?? "";
    const fault = faultOfRange(asked, range, version);
    if (fault) throw refuse(href, answer, fault.what, fault.todo);
    const length = range.end - range.first;
    await fill(target.subarray(0, length), answer, (bytes) => (counters.bytesRead += bytes));
    return { file: { sizeBytes: range.total, version }, length };
  }

  return {
    async open(href, headBytes, signal) {
      const head = new Uint8Array(headBytes);
      const { file, length } = await get(href, { offset: 0, length: headBytes, file: undefined }, head, signal);
      return { file, head: head.subarray(0, length) };
    },
    async read({ href, file }, offset, target, signal) {
      await get(href, { offset, length: target.length, file }, target, signal);
    },
    counters: () => ({ ...counters }),
    bucketRegion: (href, signal) => regionOf(placeOf(href).bucket, signal),
    async close() {
      for (const client of clients.values()) (await client).destroy();
    },
  };
}

/** A body that ended before its time. */
class BrokenBodyError extends Error {}

async function fill(target: Uint8Array, { Body }: GetObjectCommandOutput, count: (bytes: number) => void): Promise<void> {
  let at = 0;
  try {
    // In Node the body is a stream of bytes.
    for await (const piece of Body as unknown as AsyncIterable<Uint8Array>) {
      count(piece.length);
      if (at + piece.length > target.length) throw new RangeError("more bytes than the range has");
      target.set(piece, at);
      at += piece.length;
    }
  } catch (cause) {
    throw new BrokenBodyError("The body broke off", { cause });
  }
  if (at < target.length) throw new BrokenBodyError(`The body ended after ${at} of ${target.length} bytes`);
}

/** Drops the body, so that its connection is free. */
function refuse(
  href: string,
  { Body }: GetObjectCommandOutput,
  what: string,
  todo = "the server or a proxy is at fault: tell its keeper",
): SourceError {
  if (Body instanceof Readable) drop(Body);
  return new SourceError({ href, what, todo });
}

function brokenOff(href: string, tries: number, cause: Error): SourceError {
  const todo = "check the network and the proxy, or run again later";
  return new SourceError({ href, what: `the connection broke, ${tries} times`, todo, retryable: true }, cause);
}

/** The bucket and the key of an s3:// address; keys are taken as they stand. */
function placeOf(href: string): Place {
  const match = /^s3:\/\/([^/]+)\/(.+)$/is.exec(href);
  if (!match) throw new SourceError({ href, what: "not an s3://bucket/key address", todo: "correct the item's href" });
  return { bucket: match[1] ?? "", key: match[2] ?? "" };
}
