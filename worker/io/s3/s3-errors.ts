/** What S3 and its SDK throw, in words: what happened and what to do. Told apart by the error's name and status, never by its message. */
import { SourceError } from "../../../runtime/errors.ts";
import { HttpError } from "../http/http-error.ts";

/** What decides the advice. */
export type S3Access = { readonly bucket: string; readonly requesterPays: boolean; readonly unsigned: boolean; readonly region: string };

/** The part of the SDK's exceptions that is read; every field may be missing. */
type Thrown = {
  readonly name?: string;
  readonly Code?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
};

type Advice = { readonly what: string; readonly todo: string; readonly retryable?: boolean };

/** The SourceError for what reading `href` threw. */
export function s3Error(href: string, access: S3Access, cause: unknown): SourceError {
  return new SourceError({ href, ...adviceFor(thrownOf(cause), access, cause) }, cause);
}

/** The bucket's region as an error's headers or fields tell it. */
export function regionToldBy(cause: unknown): string | undefined {
  const { $response, Region } = thrownOf(cause);
  return $response?.headers?.["x-amz-bucket-region"] ?? Region;
}

/** Tries that the SDK made before it gave up. */
export function triesOf(cause: unknown): number {
  return thrownOf(cause).$metadata?.attempts ?? 1;
}

function thrownOf(cause: unknown): Thrown {
  return typeof cause === "object" && cause !== null ? cause : {};
}

const EXPIRED = "the credentials have expired";
const RENEW = "renew them (aws sso login, or a new AWS_SESSION_TOKEN) and run again";
const KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile";

const BY_NAME: ReadonlyMap<string, Advice> = new Map([
  ["NoSuchKey", { what: "no such object in the bucket (NoSuchKey)", todo: "check the item's href" }],
  ["NotFound", { what: "no such object in the bucket", todo: "check the item's href" }],
  ["InvalidRange", { what: "the object is shorter than it was said to be (InvalidRange)", todo: "run again when nobody writes it" }],
  ["PreconditionFailed", { what: "the file changed while it was read", todo: "run again when nobody writes it" }],
  ["InvalidObjectState", { what: "the object is archived (InvalidObjectState)", todo: "restore it from Glacier first" }],
  ["ExpiredToken", { what: EXPIRED, todo: RENEW }],
  ["ExpiredTokenException", { what: EXPIRED, todo: RENEW }],
  ["TokenRefreshRequired", { what: EXPIRED, todo: RENEW }],
  ["InvalidToken", { what: "the session token is not valid", todo: RENEW }],
  ["InvalidAccessKeyId", { what: "the access key is not known (InvalidAccessKeyId)", todo: KEYS }],
  ["SignatureDoesNotMatch", { what: "the secret key does not fit the access key (SignatureDoesNotMatch)", todo: KEYS }],
  ["RequestTimeTooSkewed", { what: "this machine's clock is wrong (RequestTimeTooSkewed)", todo: "set the clock" }],
  ["SlowDown", { what: "S3 asks for fewer requests (SlowDown), again and again", todo: "run again later", retryable: true }],
]);

function adviceFor(thrown: Thrown, access: S3Access, cause: unknown): Advice {
  const name = thrown.Code ?? thrown.name ?? "";
  if (cause instanceof HttpError) return { what: cause.what, todo: cause.todo };
  return BY_NAME.get(name) ?? accessAdvice(name, thrown, access) ?? otherAdvice(name, thrown);
}

function accessAdvice(name: string, thrown: Thrown, access: S3Access): Advice | undefined {
  const status = thrown.$metadata?.httpStatusCode;
  if (name === "NoSuchBucket")
    return { what: `there is no bucket ${access.bucket} (NoSuchBucket)`, todo: "check the item's href and spec.source.s3.endpoint" };
  if (name === "CredentialsProviderError") {
    const todo = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or spec.source.s3.unsigned: true for a public bucket";
    return { what: "no AWS credentials were found", todo };
  }
  if (["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"].includes(name) || status === 301) {
    const right = regionToldBy(thrown);
    const todo = right === undefined ? "set spec.source.s3.region to the bucket's" : `set spec.source.s3.region to ${right}`;
    return { what: `the bucket ${access.bucket} is not in ${access.region} (${name})`, todo };
  }
  if (["AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden"].includes(name) || status === 403) return deniedAdvice(access);
  return undefined;
}

function deniedAdvice({ bucket, requesterPays, unsigned }: S3Access): Advice {
  const what = "access denied (AccessDenied)";
  if (unsigned) return { what, todo: `spec.source.s3.unsigned is on: drop it, or check that ${bucket} is public` };
  if (requesterPays) return { what, todo: `allow s3:GetObject on ${bucket} to these credentials` };
  return {
    what,
    todo: `set spec.source.s3.requesterPays: true if ${bucket} is such a bucket (usgs-landsat is), else allow s3:GetObject to these credentials`,
  };
}

function otherAdvice(name: string, thrown: Thrown): Advice {
  const { httpStatusCode: status, attempts = 1 } = thrown.$metadata ?? {};
  const times = attempts > 1 ? `, ${attempts} times` : "";
  if (status !== undefined && status >= 400) {
    return {
      what: `S3 answers ${name} (status ${status})${times}`,
      todo: status >= 500 ? "run again later" : "check the href",
      retryable: status >= 500,
    };
  }
  const code = thrown.code ?? thrownOf(thrown.cause).code ?? name;
  return {
    what: `S3 cannot be reached (${code})${times}`,
    todo: "check the network, the proxy and spec.source.s3.endpoint",
    retryable: true,
  };
}
