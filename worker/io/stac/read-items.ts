/** The STAC items of a job: from a local file, over http(s), from S3, or by a search in a STAC API. Throws RequestError. */
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Source } from "../../../api/v1alpha1/source.ts";
import { RequestError } from "../../../runtime/errors.ts";
import type { SearchParameters } from "../../core/plan/search-request.ts";
import type { HttpClient } from "../http/http-client.ts";
import type { ByteSource } from "../source/byte-source.ts";
import type { FoundItems } from "./found-items.ts";
import { ItemCollector } from "./item-collector.ts";
import { asListError, listError } from "./list-error.ts";
import { LIST_LIMITS, type ListLimits } from "./list-limits.ts";
import { readPages } from "./read-pages.ts";
import { isRemote } from "./resolve-href.ts";
import { searchApi } from "./search-api.ts";
import { parseJson, parsePage } from "./stac-json.ts";

export type ItemsRequest = {
  readonly source: Source;
  /** Of the job's manifest: a path in it is relative to its folder. */
  readonly manifestPath: string;
  /** Empty where the source is a list. */
  readonly searches: readonly SearchParameters[];
  readonly mayBeBand: (key: string, commonName: string | undefined) => boolean;
  readonly limits?: ListLimits;
};

/** What items are read through. */
export type ItemReaders = {
  /** Called where HTTP is needed; closed here. */
  readonly openHttp: () => Promise<HttpClient>;
  readonly bytes: ByteSource;
};

export async function readItems(request: ItemsRequest, readers: ItemReaders, signal: AbortSignal): Promise<FoundItems> {
  const { source, mayBeBand, limits = LIST_LIMITS } = request;
  const late = AbortSignal.timeout(limits.totalTimeoutMs);
  const where = source.stac?.url ?? source.items ?? ""; // exactly one of them is there
  try {
    return await readFrom(where, request, readers, { limits, mayBeBand, signal: AbortSignal.any([signal, late]) });
  } catch (cause) {
    throw late.aborted && !signal.aborted ? tooLate(limits, where, cause) : cause;
  }
}

async function readFrom(where: string, request: ItemsRequest, readers: ItemReaders, reading: Reading): Promise<FoundItems> {
  if (request.source.stac || /^https?:/i.test(where)) return readOverHttp(request, where, readers, reading);
  return readWhole(isRemote(where) ? where : resolve(dirname(request.manifestPath), where), readers.bytes, reading);
}

function tooLate({ totalTimeoutMs }: ListLimits, where: string, cause: unknown): RequestError {
  return listError(`not read within ${totalTimeoutMs / 1000} s`, where, "narrow spec.region or spec.time, or use a faster server", cause);
}

/** A list in one piece: a local file, or an object on S3. */
async function readWhole(place: string, source: ByteSource, reading: Reading): Promise<FoundItems> {
  const bytes = isRemote(place) ? await readObject(place, source, reading) : await readFile(place, reading.limits);
  const collector = new ItemCollector({ ...reading, mayRepeat: false });
  collector.addPage(parsePage(parseJson(bytes, place), place).features, place);
  return { items: collector.items, where: place, search: undefined };
}

type Reading = { readonly limits: ListLimits; readonly mayBeBand: ItemsRequest["mayBeBand"]; readonly signal: AbortSignal };

async function readOverHttp(
  { source, searches }: ItemsRequest,
  where: string,
  readers: ItemReaders,
  { limits, mayBeBand, signal }: Reading,
): Promise<FoundItems> {
  const http = await readers.openHttp();
  try {
    const fetching = { http, limits, signal };
    if (source.stac) return found(await searchApi(where, searches, fetching, { limits, mayBeBand }));
    const collector = new ItemCollector({ limits, mayBeBand, mayRepeat: false });
    await readPages({ method: "GET", url: where, body: undefined, headers: {} }, collector, fetching);
    return { items: collector.items, where, search: undefined };
  } finally {
    await http.close();
  }
}

function found(items: FoundItems): FoundItems {
  if (items.items.length > 0) return items;
  const todo = "check spec.source.stac, spec.region and spec.time";
  throw new RequestError([{ what: "the search found no item", where: items.where.replace(/[?#].*$/s, ""), todo }]);
}

const TOO_LARGE = "split it by time, and run a job for each part";

/** A year of one path has some 2 MiB: most lists come in one request. */
const HEAD_BYTES = 4 * 1024 * 1024;

async function readObject(
  href: string,
  source: ByteSource,
  { limits, signal }: { readonly limits: ListLimits; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  try {
    const { file, head } = await source.open(href, HEAD_BYTES, signal);
    if (file.sizeBytes > limits.maxPageBytes) throw listError(`${file.sizeBytes} bytes are too many`, href, TOO_LARGE);
    const bytes = new Uint8Array(file.sizeBytes);
    bytes.set(head);
    if (head.length < bytes.length) await source.read({ href, file }, head.length, bytes.subarray(head.length), signal);
    return bytes;
  } catch (cause) {
    throw asListError(cause, href);
  }
}

function unreadable(path: string, cause: unknown): RequestError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "?";
  if (code === "EACCES" || code === "EPERM")
    return listError(`${code}, permission denied`, path, "you have no permission to read it: change its mode or owner", cause);
  return listError(code, path, "check the path in spec.source.items (it is relative to the job's file)", cause);
}

/** Bounded as it is read: what is no plain file (a device, a pipe) has no size. */
async function readFile(path: string, { maxPageBytes }: ListLimits): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const pieces: Uint8Array[] = [];
    let length = 0;
    if (size <= maxPageBytes) {
      for await (const piece of file.createReadStream({ end: maxPageBytes }) as AsyncIterable<Uint8Array>) {
        pieces.push(piece);
        length += piece.length;
      }
    }
    if (size > maxPageBytes || length > maxPageBytes) throw listError("it is too large", path, TOO_LARGE);
    return Buffer.concat(pieces);
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    throw unreadable(path, cause);
  }
}
