/** When a request is tried again, and after how long. Pure: randomness and the clock are arguments. */

/** Tries of one request in all: with the delays below some 10 s of trouble are sat out, and a server that stays down is soon said to be. */
export const MAX_TRIES = 6;

/** Exponential back-off with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): the first delay is up to this. */
const BASE_DELAY_MS = 250;

const MAX_DELAY_MS = 8_000;

/** A server may ask for more patience than our own, but not for any. */
const MAX_RETRY_AFTER_MS = 30_000;

/** Busy, or a fault that may pass: 408, 425 and 429 of RFC 9110, 8470 and 6585, and gateways. Not 501 and 505. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

export function isPassingStatus(status: number): boolean {
  return PASSING.has(status);
}

/** Faults of name, trust and request: they stay. */
const LASTING = /^(ENOTFOUND|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|MAYFLY_|UND_ERR_INVALID_ARG|HPE_)/;

/** Whether a connection's error may pass, by its code: cut, refused, timed out. */
export function isPassingFault(code: string): boolean {
  return code !== "" && !LASTING.test(code);
}

/** Milliseconds before try number `tries + 1`. `random` in [0, 1); `retryAfterMs` as the server asked, if it did. */
export function delayBeforeRetryMs(tries: number, random: number, retryAfterMs: number | undefined): number {
  const jitter = random * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (tries - 1));
  return Math.max(jitter, Math.min(MAX_RETRY_AFTER_MS, retryAfterMs ?? 0));
}

/** Milliseconds that a Retry-After header asks for (RFC 9110, section 10.2.3): seconds, or a date. Undefined where it says neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
