import { describe, expect, it } from "vitest";
import { delayBeforeRetryMs, isPassingFault, isPassingStatus, retryAfterMs } from "./retry-policy.ts";

describe("delayBeforeRetryMs", () => {
  it.each([
    { name: "no chance, no delay", tries: 1, random: 0, after: undefined, want: 0 },
    { name: "the first is up to 250 ms", tries: 1, random: 1, after: undefined, want: 250 },
    { name: "doubled each time", tries: 4, random: 1, after: undefined, want: 2000 },
    { name: "any share of it", tries: 4, random: 0.25, after: undefined, want: 500 },
    { name: "never over 8 s", tries: 20, random: 1, after: undefined, want: 8000 },
    { name: "at least what the server asks", tries: 1, random: 0.5, after: 3000, want: 3000 },
    { name: "but never over 30 s", tries: 1, random: 0.5, after: 3_600_000, want: 30_000 },
  ])("$name", ({ tries, random, after, want }) => {
    expect(delayBeforeRetryMs(tries, random, after)).toBe(want);
  });
});

describe("retryAfterMs", () => {
  const now = Date.parse("2026-11-22T10:00:00Z");
  it.each([
    ["seconds", "7", 7000],
    ["a date", "Sun, 22 Nov 2026 10:00:05 GMT", 5000],
    ["a date that is over", "Sun, 22 Nov 2026 09:00:05 GMT", 0],
    ["nothing that can be read", "soon", undefined],
    ["no header", undefined, undefined],
  ])("%s", (_, header, want) => {
    expect(retryAfterMs(header, now)).toBe(want);
  });
});

describe("what may pass", () => {
  it.each([408, 429, 500, 502, 503, 504])("status %d", (status) => expect(isPassingStatus(status)).toBe(true));
  it.each([400, 401, 403, 404, 410, 412, 416, 501])("not status %d", (status) => expect(isPassingStatus(status)).toBe(false));
  it.each(["ECONNRESET", "ECONNREFUSED", "EAI_AGAIN", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT"])("%s", (code) =>
    expect(isPassingFault(code)).toBe(true),
  );
  it.each(["ENOTFOUND", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "MAYFLY_FORBIDDEN_ADDRESS", ""])("not %s", (code) =>
    expect(isPassingFault(code)).toBe(false),
  );
});
