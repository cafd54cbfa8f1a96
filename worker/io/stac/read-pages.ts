/**
 * Follows a list from page to page (OGC API - Features, STAC API "next" links: GET by href, POST by body, merged or whole), and ends: the pages, their
 * bytes and their time are bounded, and pages that come again are an error. Throws RequestError.
 */
import { createHash } from "node:crypto";
import type { ItemCollector } from "./item-collector.ts";
import type { ListLimits } from "./list-limits.ts";
import { listError } from "./list-error.ts";
import { isRemote } from "./resolve-href.ts";
import { type Fetching, fetchPage, type Page, type PageRequest, type StacLink } from "./stac-json.ts";

const FAULT = "the server's paging is at fault: ask for larger pages in spec.source.stac.limit, or use another server";

/** What was read so far. */
type Progress = { readonly asked: Set<string>; pages: number; bytes: number; /** Since the last new item. */ emptyPages: number };

/** Reads all pages from the first on; gives how many there were. */
export async function readPages(first: PageRequest, collector: ItemCollector, fetching: Fetching): Promise<number> {
  const progress: Progress = { asked: new Set(), pages: 0, bytes: 0, emptyPages: 0 };
  let request: PageRequest | undefined = first;
  while (request) {
    progress.asked.add(fingerprint(request));
    const page: Page = await fetchPage(request, fetching);
    if (page.matched !== undefined) collector.expect(page.matched, first.url);
    const fresh = collector.addPage(page.features, page.url);
    progress.pages++;
    progress.bytes += page.bytes;
    progress.emptyPages = fresh > 0 ? 0 : progress.emptyPages + 1;
    request = nextRequest(request, page);
    const wrong = request && (faultOf(progress, request, page, fetching.limits) ?? tooMuchOf(progress, fetching.limits));
    if (wrong) {
      const [what, todo] = wrong;
      throw listError(`${what}, after ${progress.pages} pages and ${collector.items.length} items`, first.url, todo);
    }
  }
  return progress.pages;
}

/** Bodies may hold a geometry, and there may be 10,000 pages. */
function fingerprint(request: PageRequest): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("base64");
}

type Wrong = readonly [what: string, todo: string] | undefined;

/** Why the pages will never end. */
function faultOf({ asked, emptyPages }: Progress, next: PageRequest, page: Page, limits: ListLimits): Wrong {
  if (emptyPages > 0 && page.features.length > 0) return ["a page has only items of pages before it", FAULT];
  if (emptyPages > limits.maxEmptyPages) return ["pages go on without items", FAULT];
  return asked.has(fingerprint(next)) ? ["the link to the next page leads to a page before it", FAULT] : undefined;
}

function tooMuchOf({ pages, bytes }: Progress, { maxPages, maxTotalBytes }: ListLimits): Wrong {
  const todo = "narrow spec.region or spec.time, or ask for larger pages in spec.source.stac.limit";
  if (pages >= maxPages) return ["there are still more pages", todo];
  return bytes > maxTotalBytes ? [`the list is longer than ${maxTotalBytes} bytes`, todo] : undefined;
}

function nextRequest(current: PageRequest, page: Page): PageRequest | undefined {
  const link = page.links.find(({ rel }) => rel === "next");
  if (!link) return undefined;
  const method = (link.method ?? "GET").toUpperCase();
  if (method !== "GET" && method !== "POST") throw listError("the link to the next page has an unknown method", page.url, FAULT);
  if (!URL.canParse(link.href, page.url)) throw listError("the link to the next page is no URL", page.url, FAULT);
  const url = new URL(link.href, page.url).href;
  if (!isRemote(url)) throw listError("the link to the next page is not http(s)", page.url, FAULT);
  return { method, url, body: method === "POST" ? nextBody(current, link) : undefined, headers: nextHeaders(link) };
}

/** With `merge` the link's body changes the last one, without it replaces it; without a body, the last one is meant. */
function nextBody({ body }: PageRequest, link: StacLink): PageRequest["body"] {
  if (!link.body) return body ?? {};
  return link.merge === true ? { ...body, ...link.body } : link.body;
}

/** The connection's own headers are ours. */
const OWN_HEADERS = /^(host|connection|content-.*|transfer-encoding|accept-encoding|te|upgrade|expect)$/i;

function nextHeaders({ headers }: StacLink): Readonly<Record<string, string>> {
  const usable = Object.entries(headers ?? {}).filter(
    (header): header is [string, string] =>
      typeof header[1] === "string" &&
      /^[\w!#$%&'*+.^`|~-]+$/.test(header[0]) &&
      /^[\t\x20-\x7e]*$/.test(header[1]) &&
      !OWN_HEADERS.test(header[0]),
  );
  return Object.fromEntries(usable);
}
