/** Lists and searches against a server of ours that pages, lies and stalls. Real servers: test/integration/stac-servers.test.ts. */
import { describe, expect, it, onTestFinished } from "vitest";
import { itemJson, landingPage, pageOf, type StacHandler, type StacServer, startStacServer } from "../../../test/support/stac-server.ts";
import { sourceSchema } from "../../../api/v1alpha1/source.ts";
import { searchesOf } from "../../core/plan/search-request.ts";
import { createHttpClient } from "../http/http-client.ts";
import { createTransport } from "../http/transport.ts";
import { openSources } from "../source/open-source.ts";
import type { FoundItems } from "./found-items.ts";
import { LIST_LIMITS, type ListLimits } from "./list-limits.ts";
import { readItems } from "./read-items.ts";

type Asking = {
  /** Of `{url}`, the server's. */
  readonly source?: (url: string) => object;
  readonly limits?: Partial<ListLimits>;
  readonly time?: { readonly start?: string; readonly end?: string };
  readonly region?: Parameters<typeof searchesOf>[1];
};

async function server(handler: StacHandler): Promise<StacServer> {
  const started = await startStacServer(handler);
  onTestFinished(() => started.close());
  return started;
}

/** Asks a server's STAC API unless another source is given; retries do not wait. */
async function ask({ url }: { readonly url: string }, asking: Asking = {}): Promise<FoundItems> {
  const source = sourceSchema.parse(asking.source?.(url) ?? { stac: { url } });
  const searches = source.stac ? searchesOf(source.stac, asking.region, asking.time) : undefined;
  if (searches && !searches.ok) throw new Error(JSON.stringify(searches.problems));
  const transport = createTransport({}, { connectMs: 5000, headersMs: 5000, idleMs: 5000 });
  const http = createHttpClient({ transport, userAgent: "test", sleep: () => Promise.resolve() });
  const bytes = openSources({ s3: {}, env: {} });
  onTestFinished(() => bytes.close());
  return readItems(
    {
      source,
      manifestPath: "/nowhere/job.yaml",
      searches: searches?.value ?? [],
      mayBeBand: (key) => key !== "thumbnail",
      limits: { ...LIST_LIMITS, ...asking.limits },
    },
    { openHttp: () => Promise.resolve(http), bytes },
    new AbortController().signal,
  );
}

const ids = ({ items }: FoundItems): readonly string[] => items.map(({ id }) => id);
const items = (count: number, first = 0): readonly object[] => Array.from({ length: count }, (_, i) => itemJson(`item-${first + i}`));

const bboxOf = (body: Readonly<Record<string, unknown>> | undefined) => (body?.["bbox"] ?? []) as readonly number[]; // the search's own

/** The landing page, and the search by a handler of its own. */
function api(search: StacHandler, methods?: readonly ("GET" | "POST")[]): StacHandler {
  return (request, response, url) => (request.path === "/" ? landingPage(url, methods) : search(request, response, url));
}

describe("a search", () => {
  it("is a POST of time, place and the source's words", async () => {
    const api_ = await server(api(() => pageOf(items(1))));
    const found = await ask(api_, {
      source: (url) => ({
        stac: {
          url,
          collections: ["c"],
          ids: ["item-0"],
          limit: 50,
          query: { "eo:cloud_cover": { lt: 50 } },
          filter: { op: "=", args: [1, 1] },
        },
      }),
      time: { start: "2021-03", end: "2021-04" },
      region: { lon: [146, 148], lat: [-37, -35] },
    });
    expect(found).toMatchObject({ where: `${api_.url}/search`, search: { method: "POST", pages: 1 } });
    expect(api_.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /", "POST /search"]);
    expect(api_.seen[1]?.body).toEqual({
      collections: ["c"],
      ids: ["item-0"],
      limit: 50,
      query: { "eo:cloud_cover": { lt: 50 } },
      filter: { op: "=", args: [1, 1] },
      "filter-lang": "cql2-json",
      datetime: "2021-03-01T00:00:00Z/2021-05-01T00:00:00Z",
      bbox: [146, -37, 148, -35],
    });
  });

  it("is a GET where the server offers nothing else", async () => {
    const api_ = await server(api(() => pageOf(items(2)), ["GET"]));
    const found = await ask(api_, {
      source: (url) => ({ stac: { url, collections: ["a", "b"], query: { x: { eq: 1 } } } }),
      time: { end: "2021" },
      region: { lon: [1, 2], lat: [3, 4] },
    });
    expect(ids(found)).toEqual(["item-0", "item-1"]);
    expect(Object.fromEntries(api_.seen[1]?.query ?? [])).toEqual({
      collections: "a,b",
      datetime: "../2022-01-01T00:00:00Z",
      query: '{"x":{"eq":1}}',
      bbox: "1,3,2,4",
    });
  });

  it.each([404, 405, 501])("tries POST, then GET, where the landing page does not say and POST gives %i", async (status) => {
    const api_ = await server(({ path, method }, response) => {
      if (path === "/") return { links: [] };
      if (method === "GET") return pageOf(items(1));
      response.statusCode = status;
      return { code: "no" };
    });
    const found = await ask(api_);
    expect(found.search).toEqual({ method: "GET", pages: 1 });
  });

  it("follows pages by POST, merging what the link says, with its headers", async () => {
    const api_ = await server(
      api(({ body }, _response, url) => {
        const page = Number(body?.["token"] ?? 0);
        const next = {
          href: `${url}/search`,
          method: "POST",
          merge: true,
          body: { token: page + 1 },
          headers: { "x-page": "on", host: "evil" },
        };
        return pageOf(items(2, page * 2), page < 2 ? next : undefined);
      }),
    );
    const found = await ask(api_, { source: (url) => ({ stac: { url, limit: 2 } }) });
    expect(ids(found)).toEqual(["item-0", "item-1", "item-2", "item-3", "item-4", "item-5"]);
    expect(api_.seen.slice(1).map(({ body }) => body)).toEqual([{ limit: 2 }, { limit: 2, token: 1 }, { limit: 2, token: 2 }]);
    expect(api_.seen[2]?.headers).toMatchObject({ "x-page": "on", host: api_.url.slice("http://".length) });
  });

  it("follows pages by GET, by relative links, and through a page without items", async () => {
    const api_ = await server(
      api(
        ({ query }) => {
          const page = Number(query.get("page") ?? 0);
          return pageOf(page === 1 ? [] : items(1, page), page < 3 ? { href: `search?page=${page + 1}` } : undefined);
        },
        ["GET"],
      ),
    );
    expect(ids(await ask(api_))).toEqual(["item-0", "item-2", "item-3"]);
  });

  it("asks twice where the region goes over the antimeridian, and takes each item once", async () => {
    const api_ = await server(api(({ body }) => pageOf(bboxOf(body)[0]! > 0 ? items(2) : items(2, 1))));
    const found = await ask(api_, { region: { bounds: [600_000, 6_000_000, 900_000, 6_100_000], crs: "EPSG:32660" } });
    expect(ids(found)).toEqual(["item-0", "item-1", "item-2"]);
    expect(api_.seen.slice(1).map(({ body }) => bboxOf(body).map(Math.round))).toEqual([
      [179, 54, 180, 55],
      [-180, 54, -177, 55],
    ]);
  });

  it("counts an item once that comes with two pages", async () => {
    const api_ = await server(
      api(({ body }, _response, url) =>
        body?.["token"] ? pageOf(items(2, 1)) : pageOf(items(2), { href: `${url}/search`, method: "POST", body: { token: 1 } }),
      ),
    );
    expect(ids(await ask(api_))).toEqual(["item-0", "item-1", "item-2"]);
  });
});

describe("a list", () => {
  const list = (path: string) => ({ source: (url: string) => ({ items: `${url}${path}` }) });

  it("over http has its hrefs from its own place, or its items'", async () => {
    const far = itemJson("b", { links: [{ rel: "self", href: "s3://bucket/b/item.json" }] });
    const api_ = await server(() => pageOf([itemJson("a"), far]));
    const found = await ask(api_, list("/lists/items.json?sig=1"));
    expect(found.items.map(({ assets }) => assets.get("red")?.href)).toEqual([`${api_.url}/lists/a_red.tif`, "s3://bucket/b/b_red.tif"]);
  });

  it("may be one item", async () => {
    expect(ids(await ask(await server(() => itemJson("only")), list("/item.json")))).toEqual(["only"]);
  });

  it("goes on at the next page", async () => {
    const api_ = await server(({ query }) => (query.get("p") ? pageOf(items(1, 1)) : pageOf(items(1), { href: "?p=1" })));
    expect(ids(await ask(api_, list("/items")))).toEqual(["item-0", "item-1"]);
  });
});

const small = { maxItems: 100, maxPages: 20, maxPageBytes: 200_000, maxTotalBytes: 1_000_000, pageTimeoutMs: 200, totalTimeoutMs: 2000 };

/** Each search page is another, and has a next one. */
const endless = (page: (nth: number) => object): StacHandler => {
  let nth = 0;
  return api(() => ({ ...page(nth), links: [{ rel: "next", href: `/search?n=${++nth}` }] }));
};

describe("an item list is unreadable", () => {
  it.each<readonly [name: string, handler: StacHandler, want: RegExp]>([
    [
      "with pages for ever",
      endless((n) => pageOf(items(1, n))),
      /^item list unreadable \(there are still more pages, after 20 pages and 20 items\): .*\/search: narrow/,
    ],
    [
      "with pages for ever that hold nothing",
      endless(() => pageOf([])),
      /^item list unreadable \(pages go on without items, after 11 pages and 0 items\)/,
    ],
    [
      "with the same items again and again",
      endless(() => pageOf(items(3))),
      /^item list unreadable \(a page has only items of pages before it, after 2 pages and 3 items\)/,
    ],
    [
      "with a next page that is the same page",
      api((_request, _response, url) => pageOf(items(1), { href: `${url}/search`, method: "POST" })),
      /^item list unreadable \(the link to the next page leads to a page before it, after 1 pages/,
    ],
    [
      "with too many items",
      endless((n) => pageOf(items(60, n * 60))),
      /^item list unreadable \(more than 100 items, of at most 100\): .*: narrow spec\.region, spec\.time/,
    ],
    [
      "that announces too many items",
      api(() => pageOf(items(1), undefined, { numberMatched: 101 })),
      /^item list unreadable \(101 items, of at most 100\)/,
    ],
    [
      "that announces them in the old way",
      api(() => pageOf(items(1), undefined, { context: { matched: 5000 } })),
      /^item list unreadable \(5000 items/,
    ],
    [
      "of too many bytes",
      endless((n) => pageOf(items(1, n), undefined, { filler: "x".repeat(150_000) })),
      /^item list unreadable \(the list is longer than 1000000 bytes/,
    ],
    ["of a too long answer", api(() => "[".repeat(300_000)), /^item list unreadable \(the answer is longer than 200000 bytes\)/],
    [
      "of HTML",
      api(() => "<!DOCTYPE html><title>Login</title>"),
      /^item list unreadable \(not JSON but HTML or XML: a login or error page\?\): http/,
    ],
    ["of nothing", api(() => " "), /^item list unreadable \(it is empty\)/],
    [
      "of truncated JSON",
      api(() => JSON.stringify(pageOf(items(2))).slice(0, -20)),
      /^item list unreadable \(not JSON: it is damaged or cut short\)/,
    ],
    ["of something else", api(() => "hello"), /^item list unreadable \(not JSON\)/],
    ["of another type", api(() => ({ type: "Catalog" })), /^item list unreadable \(not a STAC ItemCollection\)/],
    [
      "with features that are none",
      api(() => ({ type: "FeatureCollection", features: {} })),
      /^item list unreadable \(not a STAC ItemCollection\)/,
    ],
    ["without a landing page", () => [], /^item list unreadable \(not a STAC API's landing page: it has no links\)/],
    [
      "that redirects to a link-local address",
      api((_request, response) => void response.writeHead(307, { location: "http://169.254.169.254/latest/meta-data/" }).end()),
      /^item list unreadable \(leads to a link-local address\): http:\/\/169\.254\.169\.254\/latest/,
    ],
    [
      "whose next page is at a link-local address",
      api(() => pageOf(items(1), { href: "http://169.254.169.254/latest" })),
      /^item list unreadable \(leads to a link-local address\)/,
    ],
    [
      "whose next page is a file",
      api(() => pageOf(items(1), { href: "file:///etc/passwd" })),
      /^item list unreadable \(the link to the next page is not http\(s\)\)/,
    ],
    [
      "whose next page is deleted",
      api(() => pageOf(items(1), { href: "/x", method: "DELETE" })),
      /^item list unreadable \(the link to the next page has an unknown method\)/,
    ],
    ["that says 500", api((_request, response) => ((response.statusCode = 500), "no")), /^item list unreadable \(HTTP status 500/],
    ["that says 401", api((_request, response) => ((response.statusCode = 401), "no")), /^item list unreadable \(HTTP status 401/],
    [
      "that finds nothing",
      api(() => pageOf([])),
      /^the search found no item: .*\/search: check spec\.source\.stac, spec\.region and spec\.time/,
    ],
  ])("%s", async (_name, handler, want) => {
    await expect(ask(await server(handler), { limits: small })).rejects.toMatchObject({
      tag: "RequestError",
      exitStatus: 2,
      message: expect.stringMatching(want),
    });
  });

  it("where the answer drips, and where all takes too long", async () => {
    const drip: StacHandler = api((_request, response) => {
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    });
    await expect(ask(await server(drip), { limits: small })).rejects.toThrow(/^item list unreadable \(the server did not answer in time/);
    const limits = { ...small, pageTimeoutMs: 10_000, totalTimeoutMs: 300 };
    await expect(ask(await server(drip), { limits })).rejects.toThrow(/^item list unreadable \(not read within 0\.3 s\)/);
  });

  it("and its address is shown without secrets", async () => {
    const { url } = await server(() => "<html>");
    const source = () => ({ items: `${url.replace("//", "//user:word@")}/a.json?token=secret` });
    const error = await ask({ url }, { source }).catch((cause: unknown) => String(cause));
    expect(error).toContain(`${url}/a.json`);
    expect(error).not.toMatch(/secret|word|user/);
  });

  it("where a list has an item twice", async () => {
    const api_ = await server(() => pageOf([...items(1), ...items(1)]));
    await expect(ask(api_, { source: (url) => ({ items: `${url}/a.json` }) })).rejects.toThrow(/two items have the id item-0/);
  });
});
