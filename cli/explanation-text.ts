/** One pixel of a job as a table for a terminal: one line a day, or one an item where a day has several. */
import type { DayRecord, Explanation, IndexRecord, ItemRecord, Sample, Value } from "../worker/core/explain/explanation.ts";
import { formatFloat32 } from "./format.ts";

type Align = "left" | "right";
type Column = { readonly title: string; readonly align: Align };

/** `allFlags`: every field of a flag band's code, not only those that the mask asks about. */
export function explanationText(name: string, explanation: Explanation, allFlags: boolean): string {
  const { grid, pixel, groups, statistic } = explanation;
  const place = [
    ["pixel", `row ${pixel.row}, column ${pixel.col} of ${grid.height} x ${grid.width}`],
    ["centre", `${pixel.x}, ${pixel.y} in ${grid.crs}; longitude ${pixel.lon.toFixed(6)}, latitude ${pixel.lat.toFixed(6)}`],
  ];
  const head = `One pixel of ${name}\n${place.map(([label, text]) => `${label?.padEnd(8)}${text}\n`).join("")}`;
  const indexNames = (groups[0]?.indices ?? []).map((index) => index.name);
  const groupColumns = [left("group"), right("days"), ...indexNames.flatMap((index) => [right(`${index} ${statistic}`), right("count")])];
  const groupRows = groups.map((group) => [
    group.name,
    String(group.days),
    ...group.indices.flatMap(({ value, count }) => [valueText(value), String(count)]),
  ]);
  return `${head}\n${dayTable(explanation, indexNames, allFlags)}\n${table(groupColumns, groupRows)}`;
}

function dayTable({ days, maskFlags }: Explanation, indexNames: readonly string[], allFlags: boolean): string {
  const bandNames = Object.keys(days[0]?.items[0]?.bands ?? {});
  const columns = [
    ...[left("day"), left("group"), left("item")],
    ...[...bandNames, ...indexNames].map(right),
    ...[left("kept or why not"), left(Object.keys(maskFlags).join(", "))],
  ];
  const names = { bandNames, indexNames, flags: allFlags ? undefined : maskFlags };
  return table(
    columns,
    days.flatMap((day) => dayRows(day, names)),
  );
}

type Names = {
  readonly bandNames: readonly string[];
  readonly indexNames: readonly string[];
  /** The flags shown of each band; undefined: all. */
  readonly flags: Explanation["maskFlags"] | undefined;
};

const isOutside = (item: ItemRecord): boolean => Object.values(item.bands).every(({ state }) => state === "outside");

/** The day's own cells stand in the line of the first item that gives it a number. */
function dayRows(day: DayRecord, { bandNames, indexNames, flags }: Names): readonly (readonly string[])[] {
  const { items } = day;
  if (items.every(isOutside)) {
    const item = items.length === 1 ? (items[0]?.id ?? "") : `${items.length} items`;
    return [[day.date, day.group, item, ...[...bandNames, ...indexNames].map(() => "-"), "outside", ""]];
  }
  const leading = items.findIndex((item) => Object.values(item.bands).some(({ state }) => state === "used"));
  const lead = leading >= 0 ? leading : items.findIndex((item) => !isOutside(item));
  return items.map((item, i) => {
    const samples = bandNames.map((name) => item.bands[name]);
    return [
      ...(i === 0 ? [day.date, day.group] : ["", ""]),
      item.id,
      ...samples.map((sample) => (sample ? sampleText(sample) : "-")),
      ...(i === lead ? day.indices.map(indexText) : indexNames.map(() => "")),
      i === lead ? verdict(day.indices) : roleOf(item),
      bandNames.flatMap((name) => flagsText(item.bands[name]?.flags, flags?.[name])).join(", "),
    ];
  });
}

function sampleText({ state, stored }: Sample): string {
  switch (state) {
    case "used":
      return valueText(stored);
    case "hidden":
      return `(${valueText(stored)})`;
    case "nodata":
      return "nodata";
    case "outside":
      return "-";
  }
}

/** A value that is not kept stands in brackets. */
function indexText({ value, kept }: IndexRecord): string {
  return kept || value === null ? valueText(value) : `(${valueText(value)})`;
}

function valueText(value: Value): string {
  if (value === null) return "-";
  return typeof value === "number" ? formatFloat32(value) : value;
}

/** What is said of all indices, or of each where they differ. */
function verdict(indices: readonly IndexRecord[]): string {
  const words = indices.map(({ kept, reasons, notes }) => (kept ? ["kept", ...notes].join(", though ") : reasons.join("; ")));
  if (new Set(words).size <= 1) return words[0] ?? "";
  return indices.map(({ name }, i) => `${name}: ${words[i]}`).join("; ");
}

/** What an item after (or before) the leading one does for the day. */
function roleOf(item: ItemRecord): string {
  if (isOutside(item)) return "outside the scene";
  const bands = Object.entries(item.bands);
  const used = bands.filter(([, { state }]) => state === "used").map(([name]) => name);
  if (used.length > 0) return `gives ${used.join(", ")}`;
  return bands.some(([, { state }]) => state === "hidden") ? "hidden by an earlier item" : "nodata";
}

function flagsText(flags: Sample["flags"], shown: readonly string[] | undefined): readonly string[] {
  const fields = Object.entries(flags ?? {}).filter(([name]) => shown?.includes(name) ?? true);
  return fields.length > 0 ? [fields.map(([name, value]) => `${name}=${value}`).join(" ")] : [];
}

function left(title: string): Column {
  return { title, align: "left" };
}

function right(title: string): Column {
  return { title, align: "right" };
}

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => line[c]?.length ?? 0)));
  const pad = (text: string, c: number) => (columns[c]?.align === "right" ? text.padStart(widths[c] ?? 0) : text.padEnd(widths[c] ?? 0));
  return lines.map((line) => `${line.map(pad).join("  ").trimEnd()}\n`).join("");
}
