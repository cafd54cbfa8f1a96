import { describe, expect, it } from "vitest";
import { redactUrl } from "./redact-url.ts";

describe("redactUrl", () => {
  it.each([
    ["a path", "/data/a?b.tif", "/data/a?b.tif"],
    ["a plain URL", "https://h.org/a.tif", "https://h.org/a.tif"],
    ["a signed URL", "https://h.org/a.tif?X-Amz-Signature=abc", "https://h.org/a.tif?…"],
    ["user and password", "https://me:pa@ss@h.org/a@b.tif", "https://h.org/a@b.tif"],
    ["a fragment", "s3://bucket/key#secret", "s3://bucket/key?…"],
    ["an empty query", "https://h.org/a?", "https://h.org/a"],
  ])("%s", (_, href, want) => {
    expect(redactUrl(href)).toBe(want);
  });
});
