import { describe, expect, it } from "vitest";
import { jobRequest, jobSpec, product, scene } from "../../../test/support/builders.ts";
import { ABSENT_FLAGS } from "../kernels/kernels.ts";
import { type DaySight, explainDay, type ItemSight, type Rules } from "./explain-day.ts";

const NONE = Number.NaN;
const CLEAR = 21824;
const CLOUD = 22280;

function rules(fields: Readonly<Record<string, unknown>> = {}): Rules {
  const spec = { mask: { band: "qa_pixel", flags: { cloud: "not_high_confidence", nodata: false } }, ...fields };
  return { request: jobRequest(spec), table: product().table, masks: jobSpec(spec).mask ?? [] };
}

/** nir08, red, qa_pixel of one item; `bare` where nodata hides what the file holds. */
const item = (bands: readonly number[], bare: readonly number[] = bands): ItemSight => ({ bands, bare });

const OFF_IMAGE = item([NONE, NONE, ABSENT_FLAGS]);

/** A day of the items; fused to `bands`, with an index of `value` that is reduced as `reduced`. */
function record(
  items: readonly (ItemSight | undefined)[],
  fused: readonly [bands: readonly number[], value: number, reduced: number],
  by = rules(),
) {
  const scenes = items.map((_, i) => scene({ id: `item-${i}`, time: `2021-01-01T00:0${i}:00Z` }));
  const day = { name: "2021-01-01", date: "2021-01-01", labelMs: scenes[0]?.timeMs ?? 0, scenes };
  const [bands, value, reduced] = fused;
  const sight: DaySight = { items, fused: { bands, indices: [{ value, reduced }] } };
  return explainDay(day, "DJF", sight, by);
}

describe("explainDay", () => {
  it("of one item gives its numbers, flags by name, and that it is kept", () => {
    const { items, ...day } = record([item([9000, 8000, CLEAR])], [[9000, 8000, CLEAR], 0.5, 0.5]);
    expect(day).toEqual({
      date: "2021-01-01",
      group: "DJF",
      indices: [{ name: "ndvi", value: 0.5, kept: true, reasons: [], notes: [] }],
    });
    expect(items).toMatchObject([
      {
        id: "item-0",
        datetime: "2021-01-01T00:00:00.000Z",
        bands: {
          nir08: { state: "used", stored: 9000 },
          red: { state: "used", stored: 8000 },
          qa_pixel: { state: "used", stored: CLEAR, flags: { clear: "true", cloud: "not_high_confidence" } },
        },
      },
    ]);
  });

  it("of several items says for each band which one is used, which hidden, nodata or outside", () => {
    const items = [
      undefined,
      OFF_IMAGE,
      item([9000, NONE, ABSENT_FLAGS], [9000, 0, 1]),
      item([9100, 8100, CLEAR]),
      item([9200, 8200, CLOUD]),
    ];
    const states = record(items, [[9000, 8100, CLEAR], 0.5, 0.5]).items.map(({ bands }) => Object.values(bands).map(({ state }) => state));
    expect(states).toEqual([
      ["outside", "outside", "outside"],
      ["outside", "outside", "outside"],
      ["used", "nodata", "nodata"],
      ["hidden", "used", "used"],
      ["hidden", "hidden", "hidden"],
    ]);
  });

  it("names the flags of a code that is nodata, but gives no number", () => {
    const [first] = record([item([9000, 8000, ABSENT_FLAGS], [9000, 8000, 1])], [[9000, 8000, ABSENT_FLAGS], 0.5, NONE]).items;
    expect(first?.bands["qa_pixel"]).toMatchObject({
      state: "nodata",
      stored: null,
      flags: { nodata: "true", cloud: "not_high_confidence" },
    });
  });

  const dropped: readonly (readonly [string, readonly (ItemSight | undefined)[], Parameters<typeof record>[1], readonly string[]])[] = [
    [
      "a cloud",
      [item([9000, 8000, CLOUD])],
      [[9000, 8000, CLOUD], 0.5, NONE],
      ["cloud is high_confidence, the mask wants not_high_confidence"],
    ],
    ["no scene there", [undefined, OFF_IMAGE], [[NONE, NONE, ABSENT_FLAGS], NONE, NONE], ["outside the scene"]],
    ["nodata of a band", [item([9000, NONE, CLEAR], [9000, 0, CLEAR])], [[9000, NONE, CLEAR], NONE, NONE], ["red is nodata"]],
    ["a smaller image of a band", [item([9000, NONE, CLEAR])], [[9000, NONE, CLEAR], NONE, NONE], ["red is outside the scene"]],
    [
      "nodata of all bands",
      [item([NONE, NONE, ABSENT_FLAGS], [0, 0, 1])],
      [[NONE, NONE, ABSENT_FLAGS], NONE, NONE],
      ["qa_pixel is nodata", "nir08 is nodata", "red is nodata"],
    ],
    ["0/0", [item([7272.7275, 7272.7275, CLEAR])], [[7272.7275, 7272.7275, CLEAR], NONE, NONE], ["0/0"]],
    ["something that it does not know", [item([9000, 8000, CLEAR])], [[9000, 8000, CLEAR], 0.5, NONE], ["left out"]],
  ];
  it.each(dropped)("says that %s is why", (_name, items, fused, want) => {
    const [index] = record(items, fused).indices;
    expect(index).toMatchObject({ kept: false, reasons: want, notes: [] });
  });

  it("gives the value of what is not kept, and names an infinite one", () => {
    expect(record([item([9000, 8000, CLOUD])], [[9000, 8000, CLOUD], 0.5, NONE]).indices[0]?.value).toBe(0.5);
    expect(record([item([9000, 8000, CLEAR])], [[9000, 8000, CLEAR], -Infinity, -Infinity]).indices[0]).toMatchObject({
      value: "-Infinity",
      kept: true,
    });
  });

  describe("outside the valid range", () => {
    const far = [item([9000, 5012, CLEAR])];
    const words = ["red 5012 is outside validRange 7273-43636"];

    it("is noted where it is kept", () => {
      expect(record(far, [[9000, 5012, CLEAR], 2, 2]).indices[0]).toMatchObject({ kept: true, reasons: [], notes: words });
    });

    it("is the reason where it is dropped", () => {
      const dropping = rules({ mask: { band: "qa_pixel", flags: { cloud: "not_high_confidence" }, validRange: "product" } });
      expect(record(far, [[9000, 5012, CLEAR], 2, NONE], dropping).indices[0]).toMatchObject({ kept: false, reasons: words, notes: [] });
    });
  });
});
