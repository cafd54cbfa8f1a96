/**
 * An HTTP server on loopback that gives files by ranges as object stores do, as late and as slowly as asked, with faults where a test wants them, and
 * a list of what was asked. Both sides of the bench read from it.
 */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

import { projectRoot } from "./project.ts";

/** What was asked, in order. `range`: first byte and the one after the last. */
export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  /** With its question mark; "" for none. */
  readonly search: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly range: readonly [first: number, end: number] | undefined;
};

/** Answers in its own way and gives true, or leaves the request to the server. `nth`: how many times this path was asked before. */
export type Fault = (
  request: SeenRequest & { readonly nth: number },
  response: ServerResponse,
  file: { readonly bytes: () => Promise<Buffer>; readonly etag: () => Promise<string> },
) => boolean | Promise<boolean>;

export type RangeServerOptions = {
  /** Files are given by their path below it. */
  readonly directory: string;
  /** Milliseconds before an answer begins. */
  readonly firstByteMs?: number;
  /** Of each connection. */
  readonly bytesPerSecond?: number;
  readonly fault?: Fault;
  /** Over https, by the certificate of test/fixtures/tls, which nothing trusts. */
  readonly tls?: boolean;
};

export type RangeServer = {
  /** Without a slash at the end. */
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Most requests that were under way at once. */
  mostAtOnce(): number;
  close(): Promise<void>;
};

/** A piece is sent every few milliseconds where the speed is bounded. */
const PIECE_BYTES = 256 * 1024;

/** Starts one; the caller closes it. */
export async function startRangeServer(options: RangeServerOptions): Promise<RangeServer> {
  const seen: SeenRequest[] = [];
  const counts = new Map<string, number>();
  let [now, most] = [0, 0];
  const server = (options.tls ? createTlsServer : createServer)((request, response) => {
    now++;
    most = Math.max(most, now);
    answer(request, response)
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
      .finally(() => now--);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", "http://server");
    const place = decodeURIComponent(pathname);
    const file = path.join(options.directory, place);
    const range = rangeOf(request.headers.range);
    const asked = { method: request.method ?? "", path: place, search, headers: request.headers, range };
    seen.push(asked);
    const nth = counts.get(place) ?? 0;
    counts.set(place, nth + 1);
    if (options.firstByteMs) await sleep(options.firstByteMs);
    const bytes = async (): Promise<Buffer> => readPart(file, 0, (await stat(file)).size);
    if (await options.fault?.({ ...asked, nth }, response, { bytes, etag: async () => etagOf(file, await stat(file)) })) return;
    await giveFile(file, asked, response, options.bytesPerSecond);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    seen,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The certificate, for whoever is to trust it. */
export const testCertificate = path.join(projectRoot, "test/fixtures/tls/localhost.crt");

function createTlsServer(answer: RequestListener): Server {
  return createHttpsServer({ cert: readFileSync(testCertificate), key: readFileSync(testCertificate.replace(/crt$/, "key")) }, answer);
}

/** Of one test: closed when it ends. */
export async function rangeServer(options: RangeServerOptions): Promise<RangeServer> {
  const server = await startRangeServer(options);
  onTestFinished(() => server.close());
  return server;
}

async function giveFile(file: string, { range, method }: SeenRequest, response: ServerResponse, bytesPerSecond = Infinity): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return void response.writeHead(404).end();
  const etag = etagOf(file, found);
  const [first, end] = range ? [range[0], Math.min(range[1], found.size)] : [0, found.size];
  if (range && first >= found.size) return void response.writeHead(416, { "content-range": `bytes */${found.size}` }).end();
  const headers = { etag, "accept-ranges": "bytes", "content-length": end - first, "last-modified": found.mtime.toUTCString() };
  if (range) response.writeHead(206, { ...headers, "content-range": `bytes ${first}-${end - 1}/${found.size}` });
  else response.writeHead(200, headers);
  if (method === "HEAD") response.end();
  else await send(await readPart(file, first, end - first), response, bytesPerSecond);
}

function etagOf(file: string, { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): string {
  return `"${createHash("md5").update(`${file}${size}${mtimeMs}`).digest("hex")}"`;
}

async function send(body: Buffer, response: ServerResponse, bytesPerSecond: number): Promise<void> {
  const begun = performance.now();
  for (let sent = 0; sent < body.length; sent += PIECE_BYTES) {
    const due = begun + ((sent + PIECE_BYTES) / bytesPerSecond) * 1000;
    if (due > performance.now() + 1) await sleep(due - performance.now());
    response.write(body.subarray(sent, sent + PIECE_BYTES));
  }
  response.end();
}

/** Of `bytes=a-b`; a suffix range is none here. */
function rangeOf(header: string | undefined): SeenRequest["range"] {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? "");
  return match ? [Number(match[1]), match[2] === "" ? Infinity : Number(match[2]) + 1] : undefined;
}

async function readPart(file: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
