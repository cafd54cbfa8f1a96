/** `--set` on a manifest that is still as it was written: what is set wins over what the file says, in whichever form either is. */
import { parse } from "yaml";
import { expandShortForms } from "../api/v1alpha1/short-forms.ts";
import { RequestError } from "../runtime/errors.ts";

type Mapping = Record<string, unknown>;

/**
 * `written` with the settings, each `spec.region.buffer=0.05`: the value is YAML; list places are numbers, as in spec.indices.0.name. The short forms of
 * file and settings come in canonical form, so that neither is given beside the other; `written` may be changed.
 */
export function applySettings(written: Mapping, settings: readonly string[]): Mapping {
  const { spec } = written;
  const maskAlone = isMapping(spec) && isMapping(spec["mask"]);
  return settings.reduce((manifest, setting) => applySetting(manifest, setting, maskAlone), written);
}

function applySetting(raw: Mapping, setting: string, maskAlone: boolean): Mapping {
  const at = setting.indexOf("=");
  const given = setting.slice(0, at).split(".");
  if (at < 1 || given.some((part) => part === "" || part === "__proto__")) {
    throw new RequestError([
      { what: `cannot set ${JSON.stringify(setting)}`, where: "--set", todo: "write --set spec.region.buffer=0.05" },
    ]);
  }
  const manifest = expanded(raw);
  const { spec } = manifest;
  const value = settingValue(setting.slice(at + 1), setting);
  if (!isMapping(spec)) setAt(manifest, given, value, setting);
  else if (!setRegionAxis(spec, given, value)) setAt(manifest, canonicalPath(spec, given, maskAlone), value, setting);
  return expanded(manifest);
}

/** Of a manifest that is a mapping, which stays one. */
function expanded(raw: Mapping): Mapping {
  return expandShortForms(raw) as Mapping;
}

const CHUNK_SIDES: ReadonlyMap<string, string> = new Map([
  ["y", "height"],
  ["x", "width"],
]);

/** Where the canonical manifest has what the path names in a short form. */
function canonicalPath(spec: Mapping, path: readonly string[], maskAlone: boolean): readonly string[] {
  const [root, field, part = ""] = path;
  if (root !== "spec") return path;
  if (field === "index" && path.length === 2) delete spec["indices"];
  const side = field === "chunks" ? CHUNK_SIDES.get(part) : undefined;
  if (side !== undefined) return ["spec", "chunks", side, ...path.slice(3)];
  return field === "mask" && maskAlone && namesFieldOfList(spec["mask"], part) ? ["spec", "mask", "0", ...path.slice(2)] : path;
}

/** A mask that was written alone has become a list of it. */
function namesFieldOfList(mask: unknown, part: string): boolean {
  return Array.isArray(mask) && /^[a-z]/i.test(part);
}

/** `spec.region.x` where the file's own x and y have become bounds. */
function setRegionAxis(spec: Mapping, path: readonly string[], value: unknown): boolean {
  const { region } = spec;
  const low = ["spec.region.x", "spec.region.y"].indexOf(path.join("."));
  if (low < 0 || !isMapping(region) || !Array.isArray(region["bounds"]) || !Array.isArray(value) || value.length !== 2) return false;
  const bounds: unknown[] = [...(region["bounds"] as readonly unknown[])]; // its entries are whatever was written
  [bounds[low], bounds[low + 2]] = value as readonly unknown[]; // a pair, as just seen
  region["bounds"] = bounds;
  return true;
}

function setAt(manifest: Mapping, path: readonly string[], value: unknown, setting: string): void {
  let node = manifest;
  for (const part of path.slice(0, -1)) {
    checkPlace(node, part, setting);
    const next = (Object.hasOwn(node, part) ? node[part] : undefined) ?? {};
    if (typeof next !== "object")
      throw new RequestError([{ what: `${part} has no fields`, where: `--set ${setting}`, todo: "set the field itself" }]);
    node[part] = next;
    node = next as Mapping; // an object or a list, which takes numbers as keys
  }
  const last = path.at(-1) ?? "";
  checkPlace(node, last, setting);
  node[last] = value;
}

/** A list has numbered places, and one after its end; anything else would be set where nobody looks. */
function checkPlace(node: object, part: string, setting: string): void {
  if (!Array.isArray(node) || (/^(0|[1-9]\d*)$/.test(part) && Number(part) <= node.length)) return;
  const places = node.length === 0 ? "0" : `0 to ${node.length}`;
  throw new RequestError([{ what: `${part} is no place in a list`, where: `--set ${setting}`, todo: `name one of ${places}` }]);
}

function settingValue(text: string, setting: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw new RequestError([{ what: "the value is not YAML", where: `--set ${setting}`, todo: "quote it" }], cause);
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
