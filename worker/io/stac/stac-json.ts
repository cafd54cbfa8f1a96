/** JSON documents of STAC over http(s): asked for within bounds, and checked to be what they should. Throws RequestError. */
import { z } from "zod";
import type { HttpClient } from "../http/http-client.ts";
import { asListError, listError } from "./list-error.ts";
import type { ListLimits } from "./list-limits.ts";

/** One request of a list or search; equal requests give equal pages. */
export type PageRequest = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

/** A link of a document, as far as it is well formed. */
export type StacLink = z.infer<typeof linkSchema>;

export type Page = {
  readonly features: readonly unknown[];
  readonly links: readonly StacLink[];
  /** How many items there are in all, where the server says so. */
  readonly matched: number | undefined;
  readonly bytes: number;
  /** Where it came from in the end. */
  readonly url: string;
};

const linkSchema = z.looseObject({
  rel: z.string(),
  href: z.string().min(1).max(65_536),
  method: z.string().nullish(),
  body: z.record(z.string(), z.unknown()).nullish(),
  merge: z.boolean().nullish(),
  headers: z.record(z.string(), z.unknown()).nullish(),
});

const count = z.int().min(0).nullish().catch(undefined);

const collectionSchema = z.looseObject({
  type: z.literal("FeatureCollection"),
  features: z.array(z.unknown()),
  links: z.array(z.unknown()).nullish(),
  numberMatched: count,
  context: z.looseObject({ matched: count }).nullish().catch(undefined),
});

const landingSchema = z.looseObject({ links: z.array(z.unknown()) });

export type Fetching = { readonly http: HttpClient; readonly limits: ListLimits; readonly signal: AbortSignal };

/** A page of items: a FeatureCollection, or one Feature. */
export async function fetchPage(request: PageRequest, fetching: Fetching): Promise<Page> {
  const { json, bytes, url } = await fetchJson(request, fetching);
  return { ...parsePage(json, url), bytes, url };
}

/** The links of a landing page. */
export async function fetchLinks(url: string, fetching: Fetching): Promise<{ readonly links: readonly StacLink[]; readonly url: string }> {
  const { json, url: finalUrl } = await fetchJson({ method: "GET", url, body: undefined, headers: {} }, fetching);
  const landing = landingSchema.safeParse(json);
  if (!landing.success)
    throw listError("not a STAC API's landing page: it has no links", url, "give the root of the API in spec.source.stac.url");
  return { links: wellFormed(landing.data.links), url: finalUrl };
}

/** The items and links of a parsed document. */
export function parsePage(json: unknown, where: string): Omit<Page, "bytes" | "url"> {
  if (typeof json === "object" && json !== null && "type" in json && json.type === "Feature") {
    return { features: [json], links: [], matched: undefined };
  }
  const page = collectionSchema.safeParse(json);
  if (!page.success) {
    throw listError("not a STAC ItemCollection", where, 'it must be {"type": "FeatureCollection", "features": [...]}');
  }
  const { features, links, numberMatched, context } = page.data;
  return { features, links: wellFormed(links ?? []), matched: numberMatched ?? context?.matched ?? undefined };
}

/** Text as JSON; throws RequestError naming `where`. */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw listError(notJson(text), where, "it must give a STAC ItemCollection", cause);
  }
}

/** The parser's own message would quote the text, and may run over several lines. */
function notJson(text: string): string {
  if (text.trim() === "") return "it is empty";
  if (/^\s*</.test(text)) return "not JSON but HTML or XML: a login or error page?";
  return /^\s*[[{]/.test(text) ? "not JSON: it is damaged or cut short" : "not JSON";
}

function wellFormed(links: readonly unknown[]): readonly StacLink[] {
  return links.flatMap((raw) => {
    const link = linkSchema.safeParse(raw);
    return link.success ? [link.data] : [];
  });
}

async function fetchJson(request: PageRequest, { http, limits, signal }: Fetching): Promise<{ json: unknown; bytes: number; url: string }> {
  const { method, url, body, headers } = request;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  try {
    const answer = await http.request(url, {
      method,
      headers: { accept: "application/geo+json, application/json", ...headers, ...type },
      ...sent,
      maxBytes: limits.maxPageBytes,
      timeoutMs: limits.pageTimeoutMs,
      signal,
    });
    return { json: parseJson(answer.body, answer.url), bytes: answer.body.length, url: answer.url };
  } catch (cause) {
    throw asListError(cause, url);
  }
}
