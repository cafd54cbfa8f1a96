/** Why a request did not give what was asked: the one error of the HTTP client. Addresses in it are redacted. */
import { MayflyError } from "../../../runtime/errors.ts";
import { redactUrl } from "../../../runtime/redact-url.ts";
import { FORBIDDEN_ADDRESS } from "./address-guard.ts";

/** Exit status 1; who reads an item list makes a RequestError of it. */
export class HttpError extends MayflyError {
  readonly tag = "HttpError";
  readonly exitStatus = 1;
  readonly retryable: boolean;
  /** Status of the answer; undefined where there was none, or where it was not the status that was wrong. */
  readonly status: number | undefined;
  readonly what: string;
  readonly todo: string;

  constructor(
    at: { readonly url: string; readonly what: string; readonly todo: string; readonly status?: number; readonly retryable?: boolean },
    cause?: unknown,
  ) {
    super([{ what: at.what, where: redactUrl(at.url), todo: at.todo }], cause);
    this.what = at.what;
    this.todo = at.todo;
    this.status = at.status;
    this.retryable = at.retryable ?? false;
  }
}

const STATUS_ADVICE: ReadonlyMap<number, string> = new Map([
  [401, "it asks for credentials: give a signed URL, or an s3:// href"],
  [403, "it may not be read: check that the URL is signed and not expired, or give an s3:// href with credentials"],
  [404, "it is not there: check the link"],
  [407, "the proxy asks for credentials: put them into HTTPS_PROXY"],
  [410, "it is gone: check the link"],
  [412, "it changed meanwhile: run again"],
  [416, "it is shorter than it was said to be: run again"],
  [429, "the server is busy: run again later"],
]);

/** Of an answer whose status is not one of success. `detail`: what the server said, if anything. */
export function statusError(url: string, status: number, { retryable, detail }: { retryable: boolean; detail: string }): HttpError {
  const lasting = status >= 500 ? "the server is in trouble: run again later" : "the server refuses the request: check the link";
  const said = detail === "" ? "" : ` (${detail})`;
  return new HttpError({ url, what: `HTTP status ${status}${said}`, todo: STATUS_ADVICE.get(status) ?? lasting, status, retryable });
}

type Advice = readonly [what: string, todo: string];

const FAULTS: readonly (readonly [code: RegExp, ...Advice])[] = [
  [new RegExp(FORBIDDEN_ADDRESS), "leads to a link-local address", "such addresses are never read: correct the link"],
  [/^(ENOTFOUND|EAI_)/, "its host is not known", "check the host's name and the network"],
  [/^ECONNREFUSED$/, "the connection was refused", "check that the server runs"],
  [
    /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_)/,
    "its certificate is not trusted",
    "set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS to the bundle of your authority",
  ],
  [/TIMEOUT|ETIMEDOUT/, "the server did not answer in time", "check the network, or run again later"],
];

/** Of a connection that failed, by the error's code. */
export function connectionError(url: string, code: string, { retryable, cause }: { retryable: boolean; cause: unknown }): HttpError {
  const [, what, todo] = FAULTS.find(([pattern]) => pattern.test(code)) ?? [
    undefined,
    "the connection broke",
    "check the network and the proxy, or run again later",
  ];
  return new HttpError({ url, what: code === "" || code === FORBIDDEN_ADDRESS ? what : `${what} (${code})`, todo, retryable }, cause);
}
