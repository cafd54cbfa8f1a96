/** A STAC API on loopback that answers as a test wants it, well or badly. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What was asked. `body`: of a POST, parsed. */
export type StacRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>> | undefined;
};

/** A value is sent as JSON, a string or bytes as they are; undefined where the handler answered by itself. */
export type StacHandler = (request: StacRequest, response: ServerResponse, url: string) => unknown;

export type StacServer = { readonly url: string; readonly seen: StacRequest[]; close(): Promise<void> };

export async function startStacServer(handler: StacHandler): Promise<StacServer> {
  const seen: StacRequest[] = [];
  let url = "";
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
      const text = Buffer.concat(pieces).toString();
      const body = text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>); // the client sends objects
      const asked = { method: request.method ?? "", path: pathname, query: searchParams, headers: request.headers, body };
      seen.push(asked);
      const answer = handler(asked, response, url);
      if (answer === undefined) return;
      response.end(typeof answer === "string" || answer instanceof Uint8Array ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  return {
    url,
    seen,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A landing page that offers the search by these methods. */
export function landingPage(url: string, methods: readonly ("GET" | "POST")[] = ["POST"]): object {
  return { type: "Catalog", id: "test", links: methods.map((method) => ({ rel: "search", href: `${url}/search`, method })) };
}

/** An item's JSON: red, nir08 and qa_pixel beside it, unless other fields are given. */
export function itemJson(id: string, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: "Feature",
    stac_version: "1.0.0",
    id,
    collection: "landsat-c2l2-sr",
    geometry: null,
    properties: { datetime: "2021-03-05T00:05:30Z" },
    links: [],
    assets: { red: { href: `${id}_red.tif` }, nir08: { href: `${id}_nir08.tif` }, qa_pixel: { href: `${id}_qa.tif` } },
    ...fields,
  };
}

/** A page of a list. */
export function pageOf(features: readonly unknown[], next?: object, fields: object = {}): object {
  return { type: "FeatureCollection", features, links: next ? [{ rel: "next", ...next }] : [], ...fields };
}
