/**
 * The notebook's short forms, which the commands take beside the canonical manifest (DESIGN section 3, what stands after `|`):
 *
 *   chunks {y, x}           -> {height, width}            mask: one mask             -> a list of it
 *   region {x, y, crs}      -> {bounds, crs}              flags: false, a string     -> a list of strings
 *   time "2021", [a, b]     -> {start, end}               index: ndvi                -> indices: [{name: ndvi}]
 *   numbers and YAML dates  -> strings, where the canonical field is one
 *
 * What is not known is left as it is, for the schema to refuse. Where a short form and its canonical one are both given, both stay,
 * for the same reason. Expanding twice is expanding once. A cluster takes none of this.
 */

type Mapping = Readonly<Record<string, unknown>>;
type Expand = (value: unknown) => unknown;

/** `raw` with its short forms in canonical form; `raw` itself is not changed. Kind ComputeCluster has only those of its numbers. */
export function expandShortForms(raw: unknown): unknown {
  return isMapping(raw) ? expandFields(raw, { spec: raw["kind"] === "ComputeCluster" ? expandClusterSpec : expandJobSpec }) : raw;
}

function expandJobSpec(spec: unknown): unknown {
  if (!isMapping(spec)) {
    return spec;
  }
  return expandFields(expandIndex(spec), {
    region: expandRegion,
    time: expandTime,
    chunks: (chunks) => (isMapping(chunks) ? renameFields(chunks, { y: "height", x: "width" }) : chunks),
    mask: expandMask,
    clusterTemplate: fields({ spec: expandClusterSpec }),
  });
}

function expandIndex(spec: Mapping): Mapping {
  if (typeof spec["index"] !== "string" || "indices" in spec) {
    return spec;
  }
  return renameFields({ ...spec, index: [{ name: spec["index"] }] }, { index: "indices" });
}

const expandContainer = fields({ resources: fields({ limits: fields({ memory: numberToString, cpu: numberToString }) }) });

const expandWorkers = fields({
  resources: fields({ limits: fields({ memory: numberToString, cpu: numberToString }) }),
  memory: fields({ target: numberToString, spill: numberToString, pause: numberToString, terminate: numberToString }),
  spill: fields({ sizeLimit: numberToString }),
});

const expandClusterSpec = fields({ scheduler: expandContainer, workers: expandWorkers });

function expandRegion(region: unknown): unknown {
  if (!isMapping(region) || "bounds" in region || !isPair(region["x"]) || !isPair(region["y"])) {
    return region;
  }
  const { x, y, ...rest } = region;
  // Both were just seen to be pairs.
  const [[xmin, xmax], [ymin, ymax]] = [x, y] as [readonly unknown[], readonly unknown[]];
  return { bounds: [xmin, ymin, xmax, ymax], ...rest };
}

function expandTime(time: unknown): unknown {
  if (isPair(time)) {
    return expandTime({ start: time[0], end: time[1] });
  }
  if (isMapping(time)) {
    const open = Object.entries(time).filter(([name, value]) => !((name === "start" || name === "end") && value === null));
    return expandFields(Object.fromEntries(open), { start: dateToString, end: dateToString });
  }
  const text = dateToString(time);
  return typeof text === "string" ? { start: text, end: text } : time;
}

function expandMask(mask: unknown): unknown {
  if (Array.isArray(mask)) {
    return mask.map(expandOneMask);
  }
  return isMapping(mask) ? [expandOneMask(mask)] : mask;
}

const expandOneMask = fields({
  flags: (flags) =>
    isMapping(flags) ? Object.fromEntries(Object.entries(flags).map(([flag, values]) => [flag, expandFlagValues(values)])) : flags,
});

function expandFlagValues(values: unknown): unknown {
  if (Array.isArray(values)) {
    return values.map(scalarToString);
  }
  const text = scalarToString(values);
  return typeof text === "string" ? [text] : values;
}

function scalarToString(value: unknown): unknown {
  return typeof value === "boolean" ? String(value) : numberToString(value);
}

function numberToString(value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

/** YAML reads an unquoted 2021 as a number, and some readers an unquoted 2021-03-05 as a date at midnight UTC. */
function dateToString(value: unknown): unknown {
  if (!isDate(value) || Number.isNaN(value.getTime())) {
    return numberToString(value);
  }
  return value.toISOString().replace(/T00:00:00\.000Z$/, "");
}

/** An {@link Expand} for a mapping that expands the named fields. */
function fields(expansions: Readonly<Record<string, Expand>>): Expand {
  return (value) => (isMapping(value) ? expandFields(value, expansions) : value);
}

/** `value` with each named field that it has expanded, in the order that it has. */
function expandFields(value: Mapping, expansions: Readonly<Record<string, Expand>>): Mapping {
  const known = new Map(Object.entries(expansions));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, (known.get(name) ?? unchanged)(field)]));
}

/** `value` with fields renamed in place; one whose new name is taken stays. */
function renameFields(value: Mapping, names: Readonly<Record<string, string>>): Mapping {
  const known = new Map(Object.entries(names).filter(([, name]) => !(name in value)));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [known.get(name) ?? name, field]));
}

function unchanged(value: unknown): unknown {
  return value;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isDate(value);
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function isDate(value: unknown): value is Date {
  return value instanceof Date;
}
