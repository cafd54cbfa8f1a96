/**
 * The connections of this process: kept alive, through the proxies that the environment names, never to a link-local address. One for all of a
 * command's sources, S3 among them.
 */
import { lookup } from "node:dns";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import { guardLookup } from "./address-guard.ts";
import { trustCaBundles } from "./ca-bundle.ts";

/** To one host. S3 gives some 85 MB/s and 40 ms to the first byte a connection: many are needed to keep two cores busy, and a server minds 64. */
const CONNECTIONS_PER_HOST = 64;

export type TransportTimeouts = {
  readonly connectMs: number;
  /** From the request to the first byte of the answer. */
  readonly headersMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
};

export const DEFAULT_TIMEOUTS: TransportTimeouts = { connectMs: 10_000, headersMs: 30_000, idleMs: 30_000 };

/** Throws RequestError where a CA bundle named in `env` cannot be used. */
export function createTransport(env: NodeJS.ProcessEnv, timeouts: TransportTimeouts = DEFAULT_TIMEOUTS): Dispatcher {
  trustCaBundles(env);
  const httpProxy = env["http_proxy"] ?? env["HTTP_PROXY"];
  const httpsProxy = env["https_proxy"] ?? env["HTTPS_PROXY"];
  return new EnvHttpProxyAgent({
    connections: CONNECTIONS_PER_HOST,
    // One connection a request: HTTP/2 would put all ranges onto one, at the speed of one.
    allowH2: false,
    pipelining: 1,
    connect: { timeout: timeouts.connectMs, lookup: guardLookup(lookup) },
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.idleMs,
    keepAliveTimeout: 10_000,
    // Plain http goes through a proxy by the absolute form, as curl does it: many proxies tunnel to port 443 only.
    proxyTunnel: false,
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy: env["no_proxy"] ?? env["NO_PROXY"] ?? "",
  });
}
