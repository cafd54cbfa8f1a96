/** Where a redirect leads, and what may go along. Pure. */
import { HttpError } from "./http-error.ts";

export type HttpMethod = "GET" | "HEAD" | "POST";

/** One request on the way: header names in lower case. */
export type Hop = {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export const MAX_REDIRECTS = 5;

/** What may go to another host; credentials have many names, so all the rest stays. */
const CARRIED: ReadonlySet<string> = new Set(["accept", "accept-encoding", "content-type", "range", "user-agent"]);

/** Follows the Location of a status 3xx; throws HttpError where it leads to no http(s) URL. RFC 9110, section 15.4. */
export function hopTo(from: Hop, status: number, location: string): Hop {
  if (!URL.canParse(location, from.url)) throw new HttpError({ url: from.url.href, what: "redirects to no URL", todo: "check the link" });
  const url = new URL(location, from.url);
  if (!/^https?:$/.test(url.protocol)) {
    throw new HttpError({ url: from.url.href, what: `redirects to a ${url.protocol} address`, todo: "only http and https are read" });
  }
  // What a location says of user and password is not ours to send.
  url.username = "";
  url.password = "";
  const headers =
    url.origin === from.url.origin ? from.headers : Object.fromEntries(Object.entries(from.headers).filter(([name]) => CARRIED.has(name)));
  const keepsMethod = status === 307 || status === 308 || from.method !== "POST";
  return keepsMethod ? { ...from, url, headers } : { url, headers, method: "GET", body: undefined };
}
