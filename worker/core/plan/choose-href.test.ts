import { describe, expect, it } from "vitest";
import { stacItem } from "../../../test/support/builders.ts";
import type { StacAsset } from "./stac-item.ts";
import { chooseHref } from "./choose-href.ts";

const asset = (fields: Partial<StacAsset>): StacAsset => {
  const made = stacItem({ assets: { red: { href: "https://host/red.tif", ...fields } } }).assets.get("red");
  if (!made) throw new Error("no asset");
  return made;
};
const s3 = { href: "s3://bucket/red.tif", requesterPays: false };
const paid = { ...s3, requesterPays: true };
const login = "https://landsatlook.usgs.gov/data/red.tif";

describe("chooseHref", () => {
  it.each([
    ["the href, where nothing is said of S3", asset({ s3 }), undefined, "https://host/red.tif"],
    ["the S3 alternate where the job says how S3 is read", asset({ s3 }), {}, "s3://bucket/red.tif"],
    ["the href where there is no alternate", asset({}), { unsigned: true }, "https://host/red.tif"],
    ["the S3 alternate of an href that wants a login", asset({ href: login, needsLogin: true, s3 }), undefined, "s3://bucket/red.tif"],
    ["what the job pays for", asset({ href: login, needsLogin: true, s3: paid }), { requesterPays: true }, "s3://bucket/red.tif"],
    ["an href that is on S3 already", asset({ href: "s3://own/red.tif", s3 }), {}, "s3://own/red.tif"],
    ["the href without paying, where it needs no login", asset({ s3: paid }), undefined, "https://host/red.tif"],
  ])("takes %s", (_name, given, job, want) => {
    expect(chooseHref(given, job, "item a")).toEqual({ ok: true, value: want });
  });

  const todo = "set spec.source.s3.requesterPays: true, with credentials whose account is billed";
  it.each([
    ["pay unasked", asset({ s3: paid }), {}, "the reader pays for s3://bucket", todo],
    [
      "pay where it was refused",
      asset({ href: "s3://own/x.tif", requesterPays: true }),
      { requesterPays: false },
      "the reader pays for s3://own",
      todo,
    ],
    [
      "pay since the other way wants a login",
      asset({ href: login, needsLogin: true, s3: paid }),
      undefined,
      "the reader pays for s3://bucket (landsatlook.usgs.gov wants a login)",
      todo,
    ],
    [
      "read a login page",
      asset({ href: login, needsLogin: true }),
      undefined,
      "landsatlook.usgs.gov wants a login",
      "use items whose assets have an s3 alternate, or another catalogue",
    ],
  ])("does not %s", (_name, given, job, what, todo) => {
    expect(chooseHref(given, job, "item a")).toEqual({ ok: false, problems: [{ what, where: "item a", todo }] });
  });
});
