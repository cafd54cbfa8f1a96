import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemJson } from "../../../test/support/stac-server.ts";
import { RequestError } from "../../../runtime/errors.ts";
import type { StacItem } from "../../core/plan/stac-item.ts";
import { parseItem } from "./item-document.ts";
import type { ListPlace } from "./resolve-href.ts";

const network = { type: "url", url: "https://example.com/lists/items.json" } as const;
const folder = { type: "folder", path: "/data" } as const;

function parse(raw: unknown, place: ListPlace = network): StacItem {
  return parseItem(raw, { where: "list: features[0]", place, mayBeBand: (key) => key === "red" || key === "nir08" });
}

const withRed = (red: object, fields: object = {}): unknown => itemJson("a", { assets: { red: { href: "red.tif", ...red } }, ...fields });
const redOf = (raw: unknown, place: ListPlace = network) => parse(raw, place).assets.get("red");

describe("parseItem", () => {
  it("keeps what may be a band, and of the others their names", () => {
    const item = parse(itemJson("a", { properties: { datetime: "2021-03-05T00:05:30Z", platform: "LANDSAT_8" } }));
    expect(item).toMatchObject({ id: "a", collection: "landsat-c2l2-sr", platform: "LANDSAT_8", otherAssets: ["qa_pixel"] });
    expect([...item.assets.keys()]).toEqual(["red", "nir08"]);
  });

  it.each<readonly [name: string, asset: object, properties: object, want: readonly (number | undefined)[]]>([
    ["STAC 1.0: raster:bands", { "raster:bands": [{ nodata: 0, scale: 2.75e-5, offset: -0.2 }] }, {}, [0, 2.75e-5, -0.2]],
    ["STAC 1.1: bands", { bands: [{ nodata: 0, "raster:scale": 2.75e-5, "raster:offset": -0.2 }] }, {}, [0, 2.75e-5, -0.2]],
    ["STAC 1.1: the asset itself", { nodata: -9999, "raster:scale": 2, "raster:offset": 1 }, {}, [-9999, 2, 1]],
    ["STAC 1.1: the item", {}, { nodata: 7, "raster:scale": 3, "raster:offset": 2 }, [7, 3, 2]],
    ["the band before asset and item", { bands: [{ nodata: 1 }], nodata: 2 }, { nodata: 3, "raster:scale": 4 }, [1, 4, undefined]],
    ["nothing", {}, {}, [undefined, undefined, undefined]],
    ["no number for nodata", { "raster:bands": [{ nodata: "nan" }] }, {}, [undefined, undefined, undefined]],
    ["nulls as nothing", { "raster:bands": [{ nodata: null, scale: null }], bands: null }, {}, [undefined, undefined, undefined]],
  ])("takes nodata, scale and offset of %s", (_name, asset, properties, [nodata, scale, offset]) => {
    const raw = withRed(asset, { properties: { datetime: "2021-03-05T00:00:00Z", ...properties } });
    expect(redOf(raw)).toMatchObject({ nodata, scale, offset });
  });

  it.each([
    ["eo:bands", { "eo:bands": [{ name: "B4", common_name: "red" }] }, "red"],
    ["STAC 1.1's bands", { bands: [{ "eo:common_name": "red" }] }, "red"],
    ["not of several bands", { "eo:bands": [{ common_name: "red" }, { common_name: "green" }] }, undefined],
  ])("takes the common name of %s", (_name, asset, want) => {
    expect(redOf(withRed(asset))?.commonName).toBe(want);
  });

  it.each([
    ["alternate.s3", { s3: { href: "s3://b/k", "storage:requester_pays": true } }, { href: "s3://b/k", requesterPays: true }],
    ["alternate.S3", { https: { href: "https://x/y" }, S3: { href: "s3://b/k" } }, { href: "s3://b/k", requesterPays: false }],
    ["another name with an s3 href", { aws: { href: "s3://b/k" } }, { href: "s3://b/k", requesterPays: false }],
    ["a storage scheme of the item", { s3: { href: "s3://b/k", "storage:refs": ["aws"] } }, { href: "s3://b/k", requesterPays: true }],
    ["a scheme that is not there", { s3: { href: "s3://b/k", "storage:refs": ["toString"] } }, { href: "s3://b/k", requesterPays: false }],
    ["no s3 href", { s3: { href: "https://x/y" } }, undefined],
  ])("takes the S3 alternate: %s", (_name, alternate, want) => {
    const properties = { datetime: "2021-03-05T00:00:00Z", "storage:schemes": { aws: { type: "aws-s3", requester_pays: true } } };
    expect(redOf(withRed({ alternate }, { properties }))?.s3).toEqual(want);
  });

  it.each([
    ["a host known for it", { href: "https://landsatlook.usgs.gov/data/x.TIF" }, true],
    ["the authentication extension", { "auth:refs": ["oauth"] }, true],
    ["not a host that looks like it", { href: "https://landsatlook.usgs.gov.example.com/x.TIF" }, false],
  ])("knows a login by %s", (_name, asset, want) => {
    expect(redOf(withRed(asset))?.needsLogin).toBe(want);
  });

  it("takes start_datetime where datetime is null", () => {
    const properties = { datetime: null, start_datetime: "2021-03-05T00:00:00Z", end_datetime: "2021-04-05T00:00:00Z" };
    expect(parse(itemJson("a", { properties })).timeMs).toBe(Date.parse("2021-03-05T00:00:00Z"));
  });

  it("does not mind what a thumbnail says, nor an asset named like a property of every object", () => {
    const assets = JSON.parse(
      '{"red": {"href": "r.tif"}, "__proto__": {"href": 5}, "constructor": null, "thumbnail": {"href": ["x"]}}',
    ) as object;
    const item = parse(itemJson("a", { assets }));
    expect([...item.assets.keys(), ...item.otherAssets].toSorted()).toEqual(["__proto__", "constructor", "red", "thumbnail"]);
  });

  it.each<readonly [name: string, raw: unknown, want: RegExp]>([
    ["null", null, /^not a STAC item \(.*\): list: features\[0\]: correct or drop it$/],
    ["a list", [], /^not a STAC item/],
    ["another type", itemJson("a", { type: "Catalog" }), /^not a STAC item \(type: /],
    ["a number for an id", { ...itemJson("a"), id: 5 }, /^not a STAC item \(id: /],
    ["an id of two lines", itemJson("a\nerror: b"), /^not a STAC item \(id: it has control characters\)/],
    ["an id that is a book", itemJson("a".repeat(600)), /^not a STAC item \(id: /],
    ["no time", itemJson("a", { properties: {} }), /^item a has no readable datetime/],
    ["a time of today's making", itemJson("a", { properties: { datetime: "now" } }), /^item a has no readable datetime/],
    ["a number for a time", itemJson("a", { properties: { datetime: 5 } }), /^not a STAC item \(properties\.datetime: /],
    ["a list for assets", itemJson("a", { assets: [] }), /^not a STAC item \(assets: /],
    ["a number for an href", withRed({ href: 5 }), /^not a STAC item \(assets\.red\.href: /],
    ["a text for a scale", withRed({ "raster:bands": [{ scale: "1" }] }), /^not a STAC item \(assets\.red\.raster:bands\.0\.scale: /],
    [
      "an infinite scale",
      JSON.parse(JSON.stringify(withRed({ "raster:bands": [{ scale: 7 }] })).replace('"scale":7', '"scale":1e999')),
      /^not a STAC item/,
    ],
    [
      "10,000 assets",
      itemJson("a", { assets: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`a${i}`, { href: "x" }])) }),
      /^not a STAC item \(10000 assets are too many\)/,
    ],
    ["a huge list of bands", withRed({ bands: Array.from({ length: 2000 }, () => ({})) }), /^not a STAC item \(assets\.red\.bands: /],
    ["an asset's key of two lines", itemJson("a", { assets: { "a\nb": {} } }), /^not a STAC item \(an asset's key/],
    [
      "an href to a file here",
      withRed({ href: "file:///etc/passwd" }),
      /^an href leads to a file of this machine \(file:\): list: features\[0\]: only http/,
    ],
    ["an href of another scheme", withRed({ href: "gs://bucket/x.tif" }), /^an href has the scheme gs, which is not read/],
    ["an alternate that is a script", withRed({ href: "javascript:alert(1)" }), /^an href has the scheme javascript/],
    ["an href with a zero byte", withRed({ href: "x\0.tif" }), /^an href has control characters/],
  ])("refuses %s", (_name, raw, want) => {
    let error: unknown;
    try {
      parse(raw);
    } catch (cause) {
      error = cause;
    }
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).message).toMatch(want);
    expect((error as RequestError).message).not.toContain("\n");
  });

  it("gives an item or a RequestError of one line, whatever the JSON", () => {
    const damaged = fc
      .record({ at: fc.constantFrom("id", "type", "properties", "assets", "links", "collection"), value: fc.jsonValue({ maxDepth: 4 }) })
      .map(({ at, value }) => ({ ...itemJson("a"), [at]: value }));
    const asset = fc.jsonValue({ maxDepth: 5 }).map((red) => itemJson("a", { assets: { red } }));
    const fields = fc.constantFrom("href", "raster:bands", "bands", "eo:bands", "alternate", "storage:refs", "nodata", "auth:refs");
    const field = fc.tuple(fields, fc.jsonValue({ maxDepth: 4 })).map(([name, value]) => withRed({ [name]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged, asset, field), (raw) => {
        try {
          expect(parse(raw).id).not.toBe("");
        } catch (error) {
          expect(error).toBeInstanceOf(RequestError);
          expect((error as RequestError).message).not.toMatch(/[\n\r\u2028]/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("hrefs", () => {
  it.each([
    ["relative, of a list on the network", "a/../b/red.tif", network, "https://example.com/lists/b/red.tif"],
    ["that climb above the root", "../../../../etc/passwd", network, "https://example.com/etc/passwd"],
    ["absolute paths of a list on the network", "/etc/passwd", network, "https://example.com/etc/passwd"],
    ["of another host", "//other.org/x.tif", network, "https://other.org/x.tif"],
    ["relative, of a list on S3", "b/red.tif", { type: "url", url: "s3://bucket/a/items.json" } as const, "s3://bucket/a/b/red.tif"],
    ["on S3, as they stand", "s3://bucket/a b/%41.tif", network, "s3://bucket/a b/%41.tif"],
    ["relative, of a list here", "b/red.tif", folder, "/data/b/red.tif"],
    ["of a list here to a file", "file:///scenes/a%20b.tif", folder, "/scenes/a b.tif"],
    ["with a colon, of a list here", "x:y.tif", folder, "/data/x:y.tif"],
  ])("%s", (_name, href, place, want) => {
    expect(redOf(withRed({ href }), place)?.href).toBe(want);
  });

  it("of a list on the network start at the item's self link, if that is on the network", () => {
    const self = (href: string) => ({ links: [{ rel: "root", href: "x" }, null, 5, { rel: "self", href }] });
    expect(redOf(withRed({}, self("https://items.org/a/item.json")))?.href).toBe("https://items.org/a/red.tif");
    expect(redOf(withRed({}, self("file:///etc/item.json")))?.href).toBe("https://example.com/lists/red.tif");
    expect(redOf(withRed({}, self("https://items.org/a/item.json")), folder)?.href).toBe("/data/red.tif");
  });

  it.each(["file://host/share/x.tif", "ftp://x/y.tif", "file:///a%2Fb"])("%s is refused in a list here too", (href) => {
    expect(() => redOf(withRed({ href }), folder)).toThrow(RequestError);
  });
});

describe("the real items", () => {
  const directory = path.resolve(import.meta.dirname, "../../../test/fixtures/stac");
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => /L[CET]0\d_.*\.json$/.test(name));

  it.each(files)("%s", (name) => {
    const json = JSON.parse(readFileSync(path.join(directory, name), "utf8")) as { features?: unknown[] };
    const item = parse(json.features?.[0] ?? json);
    expect([...item.assets.keys()].toSorted()).toEqual(["nir08", "red"]);
    const red = item.assets.get("red");
    if (name.startsWith("usgs")) {
      expect(red).toMatchObject({ needsLogin: true, commonName: "red", s3: { requesterPays: true } });
      expect(red?.s3?.href).toMatch(/^s3:\/\/usgs-landsat\/collection02\/.*_SR_B[34]\.TIF$/);
    } else {
      expect(red).toMatchObject({ needsLogin: false, nodata: 0, scale: 2.75e-5, offset: -0.2, s3: undefined });
    }
    expect(new Date(item.timeMs).getUTCFullYear()).toBe(Number(/_(\d{4})\d{4}_/.exec(item.id)?.[1]));
  });
});
