/** An item list that is wrong: exit status 2, one clear line, and no output. On a copy of the demo with one thing changed. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "vitest";

import { changeItems, changeSpec, copyExample, type ExampleItem, type ExampleSpec } from "../support/example.ts";
import { expectRefusal } from "../support/refusal.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const work = temporaryDirectory();
let copies = 0;

type SpoiltItems = {
  readonly name: string;
  readonly spec?: (spec: ExampleSpec) => void;
  readonly items?: string | ((items: ExampleItem[]) => void);
  readonly want: readonly RegExp[];
};

function first(items: readonly ExampleItem[]): ExampleItem {
  const [item] = items;
  if (!item) throw new Error("the example has no items");
  return item;
}

const spoiltItems: readonly SpoiltItems[] = [
  {
    name: "missing",
    spec: (spec) => (spec["source"] = { items: "gone.json" }),
    want: [/item list unreadable \(ENOENT\): .*gone\.json: check the path in spec\.source\.items/],
  },
  {
    name: "not JSON",
    items: "{",
    want: [/item list unreadable \(not JSON: it is damaged or cut short\): .*items\.json: it must give a STAC ItemCollection/],
  },
  {
    name: "no FeatureCollection",
    items: '{"type": "Catalog"}',
    want: [/item list unreadable \(not a STAC ItemCollection\): .*items\.json: it must be .*FeatureCollection/],
  },
  {
    name: "without items",
    items: '{"type": "FeatureCollection", "features": []}',
    want: [/no item in the time asked for: .*items\.json: give a list with items/],
  },
  {
    name: "with something else for an item",
    items: '{"type": "FeatureCollection", "features": [{"type": "Feature"}]}',
    want: [/not a STAC item .*: .*items\.json: features\[0\]: correct or drop it/],
  },
  {
    name: "with an item that lacks a band",
    items: (items) => delete first(items).assets["nir08"],
    want: [/item has no asset for band nir08: item LC08_L1TP_013032_20180131: its assets are red, qa_pixel/],
  },
  {
    name: "with an item that has no time",
    items: (items) => delete first(items).properties["datetime"],
    want: [/item LC08_\w+ has no readable datetime: .*features\[0\]: |has no readable datetime/],
  },
  {
    name: "with one item twice",
    items: (items) => items.push(first(items)),
    want: [/item list unreadable \(two items have the id LC08_L1TP_013032_20180131\): .*items\.json: drop one/],
  },
  {
    name: "with another nodata than the product's",
    items: (items) => Object.assign(first(items).assets["red"] ?? {}, { "raster:bands": [{ nodata: 7 }] }),
    want: [/nodata of band red is 7 in the item and 0 in the product's table: item LC08_\w+: /],
  },
];

describe("mayfly run refuses an item list", () => {
  it.each(spoiltItems)("$name", async ({ spec, items, want }) => {
    const directory = path.join(work, String(++copies));
    const job = copyExample(path.join(directory, "example"));
    if (spec) changeSpec(job, spec);
    if (typeof items === "string") writeFileSync(path.join(directory, "example/items.json"), items);
    else if (items) changeItems(job, items);
    await expectRefusal({ job, out: path.join(directory, "out"), wantStatus: 2, wantLines: want });
  });
});
