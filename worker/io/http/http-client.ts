/**
 * Requests over http(s) with everything that reading from strangers needs: proxies, bounded bodies, redirects followed here and never to a
 * link-local address, retries with jitter, errors that say what to do. Every request is taken for one that may be repeated (GET, HEAD, a search by
 * POST). Does not cover: caching, cookies, uploads.
 */
import type { Readable } from "node:stream";
import { setTimeout as sleepFor } from "node:timers/promises";
import { gunzip } from "node:zlib";
import { promisify } from "node:util";
import type { Dispatcher } from "undici";
import { namesForbiddenAddress } from "./address-guard.ts";
import { connectionError, HttpError, statusError } from "./http-error.ts";
import { hopTo, type Hop, type HttpMethod, MAX_REDIRECTS } from "./redirect.ts";
import { delayBeforeRetryMs, isPassingFault, isPassingStatus, MAX_TRIES, retryAfterMs } from "./retry-policy.ts";

/** Header names in lower case; of a repeated one the first. */
export type HttpHeaders = Readonly<Record<string, string | undefined>>;

export type HttpRequest = {
  readonly method?: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A longer body is an error, whether or not its length was said before. It holds for a compressed body and for what comes out of it. */
  readonly maxBytes: number;
  /** For one try, from connecting to the last byte. Default 5 minutes; shorter waits are bounded by the transport. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * Takes the body as it comes instead of having it collected: called once for each try whose status is of success, gives who takes the pieces. What
   * the two throw ends the request, but for an HttpError that may pass, after which it is tried again. The body is then left as it was sent.
   */
  readonly receive?: (status: number, headers: HttpHeaders) => BodyTaker;
};

export type BodyTaker = {
  take(piece: Uint8Array): void;
  /** The body is over. */
  end(): void;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Empty where `receive` took it. */
  readonly body: Uint8Array;
  /** Where it came from, after redirects. May hold a signature: show it by redactUrl only. */
  readonly url: string;
};

/** Of all requests so far. `requests` counts every try and every redirect. */
export type HttpCounters = { requests: number; bytesRead: number; retries: number };

export type HttpClient = {
  /** Throws HttpError where the answer's status is not of success (2xx), and the signal's reason. */
  request(url: string, request: HttpRequest): Promise<HttpAnswer>;
  readonly counters: Readonly<HttpCounters>;
  close(): Promise<void>;
};

export type HttpClientOptions = {
  /** Closed with the client. */
  readonly transport: Dispatcher;
  readonly userAgent: string;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly nowMs?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
};

const DEFAULT_TIMEOUT_MS = 300_000;

/** Of a refusal's body, for the error. */
const MAX_REFUSAL_BYTES = 4096;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { transport, userAgent, random = Math.random, nowMs = Date.now } = options;
  const sleep = options.sleep ?? ((ms, signal) => sleepFor(ms, undefined, signal ? { signal } : {}));
  const counters: HttpCounters = { requests: 0, bytesRead: 0, retries: 0 };

  async function request(url: string, asked: HttpRequest): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        return await follow(url, asked);
      } catch (error) {
        asked.signal?.throwIfAborted();
        if (!(error instanceof TryError)) throw error;
        if (!error.failure.retryable || tries >= MAX_TRIES) throw finalError(error.failure, tries);
        counters.retries++;
        await sleep(delayBeforeRetryMs(tries, random(), error.afterMs), asked.signal);
      }
    }
  }

  async function follow(url: string, asked: HttpRequest): Promise<HttpAnswer> {
    const firstHeaders = { "user-agent": userAgent, ...lowerCase(asked.headers), "accept-encoding": asked.receive ? "identity" : "gzip" };
    let hop: Hop = firstHop(url, { method: asked.method ?? "GET", headers: firstHeaders, body: asked.body });
    for (let redirects = 0; ; redirects++) {
      if (namesForbiddenAddress(hop.url)) throw forbidden(hop.url.href);
      const answer = await exchange(hop, asked);
      const location = answer.status >= 300 && answer.status < 400 ? answer.headers["location"] : undefined;
      if (location === undefined) return answer;
      if (redirects === MAX_REDIRECTS) {
        throw new HttpError({ url, what: `more than ${MAX_REDIRECTS} redirects`, todo: "the server leads in circles: check the link" });
      }
      hop = hopTo(hop, answer.status, location);
    }
  }

  /** One request and its answer; statuses of success and redirects only. */
  async function exchange(hop: Hop, asked: HttpRequest): Promise<HttpAnswer> {
    const deadline = AbortSignal.timeout(asked.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    counters.requests++;
    let response: Dispatcher.ResponseData | undefined;
    try {
      response = await transport.request({
        origin: hop.url.origin,
        path: `${hop.url.pathname}${hop.url.search}`,
        method: hop.method,
        headers: hop.headers,
        body: hop.body ?? null,
        signal: AbortSignal.any([deadline, ...(asked.signal ? [asked.signal] : [])]),
      });
      return await settle(response, hop.url.href, asked);
    } catch (error) {
      if (response) drop(response.body);
      asked.signal?.throwIfAborted();
      throw failureOf(error, hop.url.href, deadline.aborted);
    }
  }

  async function settle(response: Dispatcher.ResponseData, url: string, asked: HttpRequest): Promise<HttpAnswer> {
    const { statusCode: status } = response;
    const headers = firstOfEach(response.headers);
    if (status >= 200 && status < 300) {
      return { status, headers, url, body: await takeBody(response.body, { url, status, headers, asked }) };
    }
    const said = await firstBytes(response.body);
    if (status >= 300 && status < 400 && headers["location"] !== undefined) return { status, headers, url, body: said };
    const failure = statusError(url, status, { retryable: isPassingStatus(status), detail: wordsOf(said, headers) });
    throw new TryError(failure, retryAfterMs(headers["retry-after"], nowMs()));
  }

  async function takeBody(
    body: Dispatcher.ResponseData["body"],
    { url, status, headers, asked }: { url: string; status: number; headers: HttpHeaders; asked: HttpRequest },
  ): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    const taker = asked.receive ? guarded(() => asked.receive?.(status, headers)) : undefined;
    let length = 0;
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      length += piece.length;
      counters.bytesRead += piece.length;
      if (length > asked.maxBytes) throw tooLarge(url, asked.maxBytes);
      if (taker) guarded(() => taker.take(piece));
      else pieces.push(piece);
    }
    guarded(() => taker?.end());
    return taker ? new Uint8Array(0) : decoded(Buffer.concat(pieces), headers["content-encoding"], url, asked.maxBytes);
  }

  return { request, counters, close: () => transport.destroy() };
}

/** Ends a body that nobody wants; without a listener its error would end the process. */
export function drop(body: Readable): void {
  body.on("error", () => {}).destroy();
}

/** A try that failed; carries what is thrown in the end, and how long the server asks to wait. */
class TryError extends Error {
  readonly failure: HttpError;
  readonly afterMs: number | undefined;
  constructor(failure: HttpError, afterMs?: number) {
    super(failure.message);
    this.failure = failure;
    this.afterMs = afterMs;
  }
}

/** Carries what `receive` threw past the handling of broken connections. */
class BodyRefusedError extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("refused");
    this.reason = reason;
  }
}

/** What a failed try is thrown as: TryError where another may follow. */
function failureOf(error: unknown, url: string, late: boolean): unknown {
  if (error instanceof TryError) return error;
  const reason = error instanceof BodyRefusedError ? error.reason : error;
  if (reason instanceof HttpError) return reason.retryable ? new TryError(reason) : reason;
  if (error instanceof BodyRefusedError) return reason;
  const code = late ? "ETIMEDOUT" : codeOf(error);
  return new TryError(connectionError(url, code, { retryable: isPassingFault(code), cause: error }));
}

function guarded<T>(step: () => T): T {
  try {
    return step();
  } catch (reason) {
    throw new BodyRefusedError(reason);
  }
}

function finalError(failure: HttpError, tries: number): HttpError {
  if (tries === 1) return failure;
  const [problem] = failure.problems;
  const at = { url: problem?.where ?? "", what: `${failure.what}, ${tries} times`, todo: failure.todo, retryable: true };
  return new HttpError(failure.status === undefined ? at : { ...at, status: failure.status }, failure.cause);
}

function forbidden(url: string): HttpError {
  return new HttpError({ url, what: "leads to a link-local address", todo: "such addresses are never read: correct the link" });
}

function tooLarge(url: string, maxBytes: number): HttpError {
  return new HttpError({ url, what: `the answer is longer than ${maxBytes} bytes`, todo: "check the link: this is not what was expected" });
}

/** User and password of the URL become the header that a browser makes of them. */
function firstHop(href: string, rest: Omit<Hop, "url">): Hop {
  if (!URL.canParse(href) || !/^https?:/i.test(href)) {
    throw new HttpError({ url: href, what: "not an http(s) URL", todo: "correct the link" });
  }
  const url = new URL(href);
  const { username, password } = url;
  if (username === "" && password === "") return { url, ...rest };
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  url.username = "";
  url.password = "";
  return { url, ...rest, headers: { ...rest.headers, authorization: `Basic ${Buffer.from(plain).toString("base64")}` } };
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function firstOfEach(headers: Readonly<Record<string, string | string[] | undefined>>): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string" && error.code !== "UND_ERR_ABORTED") return error.code;
  return error.cause === undefined ? "" : codeOf(error.cause);
}

/** Of a body that nobody wants whole; enough to let the connection be used again where it is short. */
async function firstBytes(body: Dispatcher.ResponseData["body"]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_REFUSAL_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, MAX_REFUSAL_BYTES);
}

/** What a server says in words, on one line and short: only of plain text and JSON, since pages of markup say nothing on one line. */
function wordsOf(body: Uint8Array, headers: HttpHeaders): string {
  if (!/^(text\/plain|application\/(problem\+)?json)/.test(headers["content-type"] ?? "") || headers["content-encoding"] !== undefined)
    return "";
  const text = Buffer.from(body)
    .toString("utf8")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return /https?:\/\//.test(text) ? "" : text.slice(0, 120);
}

const gunzipAsync = promisify(gunzip);

async function decoded(body: Buffer, encoding: string | undefined, url: string, maxBytes: number): Promise<Uint8Array> {
  if (encoding === undefined || encoding === "identity") return body;
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw new HttpError({
      url,
      what: `the answer's encoding ${encoding} was not asked for`,
      todo: "the server is at fault: tell its keeper",
    });
  }
  try {
    return await gunzipAsync(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") throw tooLarge(url, maxBytes);
    throw new HttpError({ url, what: "the answer's gzip is damaged", todo: "run again; the server or a proxy is at fault" }, cause);
  }
}
