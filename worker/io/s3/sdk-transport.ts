/** The AWS SDK's requests over this process's transport, so that proxies, CA bundles, pools, timeouts and the refusal of link-local addresses are one's. */
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { Dispatcher } from "undici";
import { FORBIDDEN_ADDRESS, namesForbiddenAddress } from "../http/address-guard.ts";
import { connectionError } from "../http/http-error.ts";
import { isPassingFault } from "../http/retry-policy.ts";

/** The part of the SDK's request that is sent (`HttpRequest` of Smithy's protocols). */
type SdkRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** A request handler for clients of the SDK. `onRequest` is called for each try. */
export function createSdkHandler(transport: Dispatcher, onRequest: () => void): NonNullable<S3ClientConfig["requestHandler"]> {
  async function handle(request: SdkRequest, options: { readonly abortSignal?: unknown } = {}): Promise<unknown> {
    const host = request.hostname.includes(":") && !request.hostname.startsWith("[") ? `[${request.hostname}]` : request.hostname;
    const origin = `${request.protocol}//${host}${request.port === undefined ? "" : `:${request.port}`}`;
    if (namesForbiddenAddress(new URL(origin))) throw connectionError(origin, FORBIDDEN_ADDRESS, { retryable: false, cause: undefined });
    onRequest();
    const sent = transport.request({
      origin,
      path: `${request.path}${queryOf(request.query)}`,
      method: request.method,
      headers: withoutHost(request.headers),
      body: (request.body as string | Uint8Array | undefined) ?? null, // nothing is streamed up here
      signal: options.abortSignal instanceof AbortSignal ? options.abortSignal : null,
    });
    const { statusCode, headers, body } = await sent.catch((error: unknown) => {
      throw asTransient(error);
    });
    const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
    return { response: { statusCode, headers: Object.fromEntries(flat), body } };
  }
  // What the SDK uses is `handle` and the three fields of the response.
  return { handle, metadata: { handlerProtocol: "http/1.1" } };
}

/** The SDK tries again after faults of Node's own client, which it knows by name; those of undici have others. */
function asTransient(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !isPassingFault(String(error.code)) || error.code === "UND_ERR_ABORTED")
    return error;
  return Object.assign(new Error(error.message, { cause: error }), { name: "TimeoutError", code: error.code });
}

function queryOf(query: SdkRequest["query"]): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) => {
    if (value === null) return [encode(name)];
    return (typeof value === "string" ? [value] : value).map((one) => `${encode(name)}=${encode(one)}`);
  });
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** RFC 3986, as the signature is calculated. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The pool's own Host is the same, and undici minds being told. */
function withoutHost(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "host"));
}
