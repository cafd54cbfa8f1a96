/** All places that an item's href may name as one {@link ByteSource}: local paths, http(s):// and s3://. */
import { createSemaphore, type Semaphore } from "../../../runtime/concurrency.ts";
import { SourceError } from "../../../runtime/errors.ts";
import { isUrl } from "../../../runtime/redact-url.ts";
import { VERSION } from "../../../runtime/version.ts";
import { createFileSource } from "../file/file-source.ts";
import { createHttpSource } from "../http/http-source.ts";
import { createTransport } from "../http/transport.ts";
import { createS3Source, type S3ReadOptions, type S3Source } from "../s3/s3-source.ts";
import type { ByteSource } from "./byte-source.ts";
import { REMOTE_READS_AT_ONCE } from "./read-traits.ts";

export type Sources = ByteSource & {
  /** The region of the bucket of an s3:// address; undefined for others, and where it cannot be known. */
  bucketRegion(href: string, signal: AbortSignal): Promise<string | undefined>;
};

export type SourcesOptions = { readonly s3: S3ReadOptions; readonly env: NodeJS.ProcessEnv };

type Remote = { readonly http: ByteSource; readonly s3: S3Source; readonly places: Semaphore };

/** What is not used costs nothing: connections and the S3 SDK come with the first href that needs them. */
export function openSources({ s3, env }: SourcesOptions): Sources {
  const files = createFileSource();
  let made: Remote | undefined;

  function remote(): Remote {
    if (made) return made;
    const transport = createTransport(env);
    const http = createHttpSource({ transport, userAgent: `mayfly/${VERSION}` });
    made = { http, s3: createS3Source({ s3, transport, env }), places: createSemaphore(REMOTE_READS_AT_ONCE) };
    return made;
  }

  function sourceOf(href: string): ByteSource {
    if (!isUrl(href)) return files;
    if (/^https?:/i.test(href)) return remote().http;
    if (/^s3:/i.test(href)) return remote().s3;
    const scheme = href.split(":")[0];
    throw new SourceError({ href, what: `${scheme}:// cannot be read`, todo: "give a path, or an http(s):// or s3:// address" });
  }

  /** In a place of its own where it goes over the network. */
  async function placed<T>(href: string, signal: AbortSignal, step: (source: ByteSource) => Promise<T>): Promise<T> {
    const source = sourceOf(href);
    if (source === files) return step(source);
    const { places } = remote();
    await places.acquire();
    try {
      signal.throwIfAborted();
      return await step(source);
    } finally {
      places.release();
    }
  }

  return {
    open: (href, headBytes, signal) => placed(href, signal, (source) => source.open(href, headBytes, signal)),
    read: (object, offset, target, signal) => placed(object.href, signal, (source) => source.read(object, offset, target, signal)),
    counters() {
      const all = [files, ...(made ? [made.http, made.s3] : [])].map((source) => source.counters());
      const sum = (name: "requests" | "bytesRead" | "retries"): number => all.reduce((total, one) => total + one[name], 0);
      return { requests: sum("requests"), bytesRead: sum("bytesRead"), retries: sum("retries") };
    },
    bucketRegion: async (href, signal) => (/^s3:/i.test(href) ? remote().s3.bucketRegion(href, signal) : undefined),
    async close() {
      await files.close();
      await made?.s3.close();
      await made?.http.close();
    },
  };
}
