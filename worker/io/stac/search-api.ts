/** Item search in a STAC API: POST where the server has it, else GET, as its landing page says. Throws RequestError. */
import { type SearchParameters, searchQuery } from "../../core/plan/search-request.ts";
import { RequestError } from "../../../runtime/errors.ts";
import { HttpError } from "../http/http-error.ts";
import { type CollectorOptions, ItemCollector } from "./item-collector.ts";
import { listError } from "./list-error.ts";
import { readPages } from "./read-pages.ts";
import type { FoundItems } from "./found-items.ts";
import { isRemote } from "./resolve-href.ts";
import { type Fetching, fetchLinks, type PageRequest } from "./stac-json.ts";

type Method = PageRequest["method"];

/** Where to search, and the methods to try in this order. */
type Endpoint = { readonly url: string; readonly methods: readonly Method[] };

/** Statuses by which a server says that it does not know the method there. */
const UNKNOWN_METHOD: readonly (number | undefined)[] = [404, 405, 501];

/** All items that any of the searches finds, each once. */
export async function searchApi(
  root: string,
  searches: readonly SearchParameters[],
  fetching: Fetching,
  options: Omit<CollectorOptions, "mayRepeat">,
): Promise<FoundItems> {
  const endpoint = await findEndpoint(root, fetching);
  const [preferred = "POST", other] = endpoint.methods;
  try {
    return await search({ url: endpoint.url, method: preferred }, searches, fetching, options);
  } catch (error) {
    if (other === undefined || !isUnknownMethod(error)) throw error;
    return search({ url: endpoint.url, method: other }, searches, fetching, options);
  }
}

async function findEndpoint(root: string, fetching: Fetching): Promise<Endpoint> {
  const landing = await fetchLinks(root, fetching);
  const links = landing.links.filter(({ rel }) => rel === "search");
  const post = links.find(({ method }) => method?.toUpperCase() === "POST");
  const get = links.find(({ method }) => method?.toUpperCase() === "GET");
  const link = post ?? get ?? links[0];
  if (!link) return { url: `${landing.url.replace(/[?#].*$/s, "").replace(/\/+$/, "")}/search`, methods: ["POST", "GET"] };
  const url = URL.canParse(link.href, landing.url) ? new URL(link.href, landing.url).href : "";
  if (!isRemote(url)) throw listError("its link to the search is no http(s) URL", root, "give the root of the API in spec.source.stac.url");
  const said = post ? (["POST"] as const) : (["GET"] as const);
  return { url, methods: (post ?? get) ? said : ["POST", "GET"] };
}

async function search(
  { url, method }: { readonly url: string; readonly method: Method },
  searches: readonly SearchParameters[],
  fetching: Fetching,
  options: Omit<CollectorOptions, "mayRepeat">,
): Promise<FoundItems> {
  const all = new Map<string, FoundItems["items"][number]>();
  let pages = 0;
  for (const parameters of searches) {
    const collector = new ItemCollector({ ...options, mayRepeat: true });
    pages += await readPages(firstRequest(url, method, parameters), collector, fetching);
    for (const item of collector.items) all.set(`${item.collection ?? ""}\n${item.id}`, item);
  }
  return { items: [...all.values()], where: url, search: { method, pages } };
}

function firstRequest(url: string, method: Method, parameters: SearchParameters): PageRequest {
  if (method === "POST") return { method, url, body: parameters, headers: {} };
  const target = new URL(url);
  for (const [name, value] of searchQuery(parameters)) target.searchParams.set(name, value);
  return { method, url: target.href, body: undefined, headers: {} };
}

function isUnknownMethod(error: unknown): boolean {
  return error instanceof RequestError && error.cause instanceof HttpError && UNKNOWN_METHOD.includes(error.cause.status);
}
