/**
 * Objects on http(s) servers as a {@link ByteSource}: one ranged GET opens one, and one gives each range. A file that changes between two of them is
 * an error. Servers that know no ranges are read too where the file is small.
 */
import { SourceError } from "../../../runtime/errors.ts";
import type { FileIdentity } from "../../core/raster/source-raster.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { type AskedRange, CHANGED, endsBefore, faultOfRange, parseContentRange } from "../source/range-answer.ts";
import { type BodyTaker, createHttpClient, type HttpClientOptions, type HttpHeaders } from "./http-client.ts";
import { HttpError } from "./http-error.ts";

/** A file of a server without ranges is held whole up to this size; all of them together up to four times as much. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;
const MAX_HELD_BYTES = 64 * 1024 * 1024;

type Whole = { readonly file: FileIdentity; readonly bytes: Uint8Array<ArrayBuffer> };

/** What a GET for a range gave: the range, put into the target, or the whole file from a server that knows no ranges. */
type Given = { readonly type: "range"; readonly file: FileIdentity; readonly length: number } | ({ readonly type: "whole" } & Whole);

export function createHttpSource(options: HttpClientOptions): ByteSource {
  const client = createHttpClient(options);
  const held = new Map<string, Whole>();

  function hold(href: string, whole: Whole): void {
    held.set(href, whole);
    const heldBytes = (): number => [...held.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (const oldest of [...held.keys()]) {
      if (heldBytes() <= MAX_HELD_BYTES) return;
      held.delete(oldest);
    }
  }

  async function get(href: string, asked: AskedRange, target: Uint8Array, signal: AbortSignal): Promise<Given> {
    const receiver = createReceiver(href, asked, target);
    const range = `bytes=${asked.offset}-${asked.offset + asked.length - 1}`;
    try {
      const maxBytes = Math.max(asked.length, MAX_WHOLE_BYTES);
      await client.request(href, { headers: { range }, maxBytes, signal, receive: (...head) => receiver.begin(...head) });
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      const { what, todo, retryable } = cause;
      // The object is shorter than it was said to be, or has no byte at all.
      if (cause.status === 416 && !asked.file) return { type: "range", file: { sizeBytes: 0, version: "" }, length: 0 };
      throw new SourceError({ href, what: cause.status === 416 ? CHANGED.what : what, todo, retryable }, cause);
    }
    return receiver.given();
  }

  return {
    async open(href, headBytes, signal) {
      const head = new Uint8Array(headBytes);
      const given = await get(href, { offset: 0, length: headBytes, file: undefined }, head, signal);
      if (given.type === "range") return { file: given.file, head: head.subarray(0, given.length) };
      hold(href, given);
      return { file: given.file, head: given.bytes.subarray(0, headBytes) };
    },
    async read({ href, file }, offset, target, signal) {
      const asked = { offset, length: target.length, file };
      let whole = held.get(href);
      if (!whole) {
        const given = await get(href, asked, target, signal);
        if (given.type === "range") return;
        hold(href, given);
        whole = given;
      }
      const fault = whole.file.version === file.version ? endsBefore(asked, whole.bytes.length) : CHANGED;
      if (fault) throw new SourceError({ href, ...fault });
      target.set(whole.bytes.subarray(offset, offset + target.length));
    },
    counters: () => ({ ...client.counters }),
    close: () => client.close(),
  };
}

type Receiver = { begin(status: number, headers: HttpHeaders): BodyTaker; given(): Given };

function createReceiver(href: string, asked: AskedRange, target: Uint8Array): Receiver {
  let given: Given | undefined;

  function takeRange(headers: HttpHeaders): BodyTaker {
    const range = parseContentRange(headers["content-range"]);
    if (!range)
      throw serverFault(href, `the server gave a range without saying which (Content-Range: ${headers["content-range"] ?? "none"})`);
    const version = versionOf(headers);
    const fault = faultOfRange(asked, range, version);
    if (fault) throw new SourceError({ href, ...fault });
    const length = range.end - range.first;
    let at = 0;
    return {
      take(piece) {
        if (at + piece.length > length) throw serverFault(href, `the server gave more than the ${length} bytes of the range`);
        target.set(piece, at);
        at += piece.length;
      },
      end() {
        if (at < length) throw cutOff(href, at, length);
        given = { type: "range", file: { sizeBytes: range.total, version }, length };
      },
    };
  }

  function takeWhole(headers: HttpHeaders): BodyTaker {
    const said = headers["content-length"];
    if (Number(said ?? 0) > MAX_WHOLE_BYTES) throw noRanges(href);
    const pieces: Uint8Array[] = [];
    let length = 0;
    return {
      take(piece) {
        pieces.push(piece);
        length += piece.length;
        if (length > MAX_WHOLE_BYTES) throw noRanges(href);
      },
      end() {
        if (said !== undefined && length < Number(said)) throw cutOff(href, length, Number(said));
        const bytes = new Uint8Array(Buffer.concat(pieces));
        given = { type: "whole", bytes, file: { sizeBytes: bytes.length, version: versionOf(headers) } };
      },
    };
  }

  return {
    begin: (status, headers) => (status === 206 ? takeRange(headers) : takeWhole(headers)),
    given() {
      if (!given) throw new Error("The request ended without a body");
      return given;
    },
  };
}

/** The file's version as the server tells it: "" where it does not. */
function versionOf(headers: HttpHeaders): string {
  return headers["etag"] ?? headers["last-modified"] ?? "";
}

function serverFault(href: string, what: string): SourceError {
  return new SourceError({ href, what, todo: "the server or a proxy is at fault: tell its keeper" });
}

function noRanges(href: string): SourceError {
  const what = "the server gives no byte ranges, and the file is too large to be held whole";
  return new SourceError({ href, what, todo: "put the file on a server that does, on S3 or on a local disk" });
}

/** A body that ended before its time; it may be whole the next time. */
function cutOff(url: string, got: number, wanted: number): HttpError {
  const what = `the answer ended after ${got} of ${wanted} bytes`;
  return new HttpError({ url, what, todo: "check the network and the proxy, or run again later", retryable: true });
}
