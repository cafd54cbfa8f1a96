import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobRequest, product, stacItem } from "../../../test/support/builders.ts";
import type { JobRequest } from "./request.ts";
import { selectAssets } from "./select-assets.ts";
import type { StacItem } from "./stac-item.ts";

const request = jobRequest({ mask: [{ band: "qa_pixel", flags: { cloud: ["not_high_confidence"] } }] });
const span = (first: string, last: string) => ({ firstMs: Date.parse(first), lastMs: Date.parse(last) });
const always = { firstMs: Number.NEGATIVE_INFINITY, lastMs: Number.POSITIVE_INFINITY };

function select(items: readonly StacItem[], time = always, ofJob: JobRequest = request) {
  return selectAssets(items, { span: time, request: ofJob, sensors: product().sensors, s3: undefined, where: "items.json" });
}

function idsOf(selected: ReturnType<typeof selectAssets>): readonly string[] {
  return selected.ok ? selected.value.map(({ item }) => item.id) : [];
}

describe("selectAssets", () => {
  it("gives each item's assets in the order of the request's bands", () => {
    const selected = select([stacItem({ id: "a", assets: { qa_pixel: {}, thumbnail: {}, red: {}, nir08: {} } })]);
    expect(selected.ok && selected.value[0]?.hrefs).toEqual(["/scenes/a_nir08.tif", "/scenes/a_red.tif", "/scenes/a_qa_pixel.tif"]);
  });

  it.each([
    ["an alias where the name is not there", { B5: {}, B4: {}, QA_PIXEL: {} }, ["B5", "B4", "QA_PIXEL"]],
    ["the band's own name before its aliases", { SR_B5: {}, nir08: {}, red: {}, qa_pixel: {} }, ["nir08", "red", "qa_pixel"]],
    ["the first alias before the second", { B5: {}, SR_B5: {}, red: {}, qa_pixel: {} }, ["SR_B5", "red", "qa_pixel"]],
  ])("takes %s", (_name, assets, want) => {
    const selected = select([stacItem({ id: "a", assets })]);
    expect(selected.ok && selected.value[0]?.hrefs).toEqual(want.map((key) => `/scenes/a_${key}.tif`));
  });

  it("includes both ends of the time", () => {
    const items = ["2020-12-31T23:59:59.999Z", "2021-01-01T00:00:00Z", "2021-01-31T23:59:59.999Z", "2021-02-01T00:00:00Z"].map((time) =>
      stacItem({ id: time, time }),
    );
    const selected = select(items, span("2021-01-01T00:00:00Z", "2021-01-31T23:59:59.999Z"));
    expect(idsOf(selected)).toEqual(["2021-01-01T00:00:00Z", "2021-01-31T23:59:59.999Z"]);
  });

  it("sorts by datetime, then by id as code units, whatever the order of the list", () => {
    const wanted = ["B", "a", "ä", "z"].map((id) => stacItem({ id })).concat(stacItem({ id: "A", time: "2021-01-01T00:05:30.001Z" }));
    wanted.unshift(stacItem({ id: "zz", time: "2021-01-01T00:05:29Z" }));
    const order = ["zz", "B", "a", "z", "ä", "A"];
    fc.assert(
      fc.property(fc.shuffledSubarray(wanted, { minLength: wanted.length }), (items) => {
        expect(idsOf(select(items))).toEqual(order);
      }),
    );
  });
});

describe("selectAssets says what is wrong", () => {
  const todo = "name the right product, or give a productTable";

  it.each([
    ["an empty list", [], "no item in the time asked for", "items.json", "give a list with items"],
    [
      "no item in time",
      [stacItem({ time: "2020-03-05T00:00:00Z" }), stacItem({ time: "2019-02-01T00:00:00Z" })],
      "no item in the time asked for",
      "items.json",
      "its 2 items are of 2019-02-01 to 2020-03-05: change spec.time",
    ],
    [
      "a missing band",
      [stacItem({ id: "a", assets: { red: {}, qa_pixel: {} } })],
      "item has no asset for band nir08",
      "item a",
      "its assets are red, qa_pixel; name the right product, or the asset in productTable's aliases",
    ],
    [
      "another nodata",
      [stacItem({ id: "a", assets: { nir08: {}, red: { nodata: -9999 }, qa_pixel: {} } })],
      "nodata of band red is -9999 in the item and 0 in the product's table",
      "item a",
      todo,
    ],
    [
      "another nodata of the flag band",
      [stacItem({ id: "a", assets: { nir08: {}, red: {}, qa_pixel: { nodata: 0 } } })],
      "nodata of band qa_pixel is 0 in the item and 1 in the product's table",
      "item a",
      todo,
    ],
    [
      "another scale",
      [stacItem({ id: "a", assets: { nir08: { scale: 0.0001 }, red: {}, qa_pixel: {} } })],
      "scale of band nir08 is 0.0001 in the item and 0.0000275 in the product's table",
      "item a",
      todo,
    ],
    [
      "another offset",
      [stacItem({ id: "a", assets: { nir08: { offset: 0 }, red: {}, qa_pixel: {} } })],
      "offset of band nir08 is 0 in the item and -0.2 in the product's table",
      "item a",
      todo,
    ],
  ])("of %s", (_name, items, what, where, todo) => {
    expect(select(items, span("2021-01-01T00:00:00Z", "2021-12-31T00:00:00Z"))).toEqual({
      ok: false,
      problems: [{ what, where, todo }],
    });
  });

  it("of an item that has no asset", () => {
    const selected = select([stacItem({ assets: {} })]);
    expect(selected.ok ? [] : selected.problems.map(({ what }) => what)).toEqual([
      "item has no asset for band nir08",
      "item has no asset for band red",
      "item has no asset for band qa_pixel",
    ]);
    expect(selected.ok || selected.problems[0]?.todo).toContain("its assets are none");
  });

  it("once for one cause, however many items, bands and fields it shows in", () => {
    const items = Array.from({ length: 120 }, (_, i) =>
      stacItem({ id: `s${String(i).padStart(3, "0")}`, assets: { red: {}, qa_pixel: {} } }),
    );
    expect(select(items)).toMatchObject({
      problems: [{ what: "120 items have no asset for band nir08", where: "item s000 and 119 more" }],
    });
    const other = { scale: 0.0001, offset: 0 };
    const scaled = ["a", "b", "c", "d"].map((id) => stacItem({ id, assets: { nir08: other, red: other, qa_pixel: {} } }));
    expect(select(scaled)).toEqual({
      ok: false,
      problems: [
        {
          what:
            "scale of bands nir08 and red is 0.0001 in the item and 0.0000275 in the product's table, " +
            "offset of bands nir08 and red is 0 in the item and -0.2 in the product's table",
          where: "item a and 3 more",
          todo,
        },
      ],
    });
  });

  it("but not where item and table agree, or the item says nothing", () => {
    const assets = { nir08: { nodata: 0, scale: 0.0000275, offset: -0.2 }, red: { nodata: -0 }, qa_pixel: { nodata: 1, scale: 5 } };
    expect(select([stacItem({ assets })]).ok).toBe(true);
  });

  it("holds raw values against the table too", () => {
    const raw = jobRequest({ values: "raw" });
    expect(select([stacItem({ assets: { nir08: { scale: 1 }, red: {} } })], always, raw).ok).toBe(false);
  });
});
