/**
 * Kubernetes quantities, as apimachinery's `resource.Quantity` reads them: memory to bytes, CPU to millicores. Fractions round up,
 * as there. Kubernetes' own spellings only: `2Gi` or `2G`, never `2GiB` or `2GB`. Source: Kubernetes documentation, "Resource
 * units in Kubernetes" and the Quantity serialisation format.
 */
import { z } from "zod";
import { ok, problem, type Result } from "./problem.ts";
import { cel, refuse } from "./rules.ts";

const SUFFIX_FACTORS: ReadonlyMap<string, number> = new Map([
  ["n", 1e-9],
  ["u", 1e-6],
  ["m", 1e-3],
  ["", 1],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["T", 1e12],
  ["P", 1e15],
  ["E", 1e18],
  ["Ki", 2 ** 10],
  ["Mi", 2 ** 20],
  ["Gi", 2 ** 30],
  ["Ti", 2 ** 40],
  ["Pi", 2 ** 50],
  ["Ei", 2 ** 60],
]);

const QUANTITY = /^(-?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([eE][+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i))?$/;

const MEMORY_TODO = "give a Kubernetes quantity such as 14Gi, 512Mi or 2G";
const CPU_TODO = "give a Kubernetes quantity such as 4, 0.5 or 500m";

/** A quantity as a plain number, or undefined where it is not one. `2Gi` is 2147483648, `500m` is 0.5. */
function quantityValue(text: string): number | undefined {
  const match = QUANTITY.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign = "", digits = "", exponent, suffix = ""] = match;
  const value = exponent === undefined ? Number(digits) * (SUFFIX_FACTORS.get(suffix) ?? Number.NaN) : Number(digits + exponent);
  return sign === "-" ? -value : value;
}

/** The Kubernetes spelling that was probably meant: `2GiB` and `2gb` give `2Gi` and `2G`. */
function nearestQuantity(text: string): string | undefined {
  const match = /^([0-9.]+)\s*([kmgtpe])(i?)b?$/i.exec(text.trim());
  if (match === null) {
    return undefined;
  }
  const [, digits = "", letter = "", binary = ""] = match;
  const upper = letter.toUpperCase();
  const suffix = binary === "" ? upper.replace("K", "k") : `${upper}i`;
  return quantityValue(digits + suffix) === undefined ? undefined : digits + suffix;
}

/** A positive quantity times `scale`, rounded up; not above 2^53, where whole numbers stop being exact. */
function positiveQuantity(text: string, scale: number, where: string, todo: string): Result<number> {
  const value = quantityValue(text);
  if (value === undefined) {
    const nearest = nearestQuantity(text);
    return problem(`not a quantity: "${text}"`, where, nearest === undefined ? todo : `write ${nearest}: ${todo}`);
  }
  if (value <= 0) {
    return problem("must be positive", where, todo);
  }
  // A billionth is taken off first, so that 0.001 * 1000 does not round up to 2.
  const whole = Math.max(1, Math.ceil(value * scale * (1 - 1e-15)));
  return whole <= Number.MAX_SAFE_INTEGER ? ok(whole) : problem(`too large a quantity: "${text}"`, where, todo);
}

/** Bytes of a Kubernetes memory quantity (`2Gi`, `500M`, `1e9`), rounded up, positive. `where` is the place named in a problem. */
export function parseMemoryBytes(text: string, where = "memory"): Result<number> {
  return positiveQuantity(text, 1, where, MEMORY_TODO);
}

/** Millicores of a Kubernetes CPU quantity (`4` is 4000, `500m` is 500), rounded up, positive. `where` as above. */
export function parseCpuMillicores(text: string, where = "cpu"): Result<number> {
  return positiveQuantity(text, 1000, where, CPU_TODO);
}

function quantityString(parse: (text: string) => Result<number>): z.ZodString {
  const rule = cel(["quantity(self).isGreaterThan(quantity('0'))", "must be positive"]);
  return z
    .string()
    .max(32)
    .superRefine((text, ctx) => {
      const parsed = parse(text);
      if (!parsed.ok) {
        parsed.problems.forEach((found) => refuse(ctx, [], found));
      }
    })
    .meta({ pattern: "^[0-9.]+([eE][+-]?[0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?$", ...rule });
}

/** A memory or storage quantity in a manifest, kept as its text; read it with {@link parseMemoryBytes}. */
export const memoryQuantity = quantityString(parseMemoryBytes);

/** A CPU quantity in a manifest, kept as its text; read it with {@link parseCpuMillicores}. */
export const cpuQuantity = quantityString(parseCpuMillicores);
