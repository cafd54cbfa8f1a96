/**
 * Colour ramps, mixed in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), so that equal
 * steps of value look like equal steps of colour.
 */

/** {@link rampColours} colours from low to high, 3 bytes each: red, green, blue (sRGB). */
export type ColourRamp = Uint8Array;

/** As many as leave room in the palette for the edges of words and lines. The eye tells no two neighbours apart. */
export const rampColours = 208;

/** Bare or wet ground in brown, sparse cover in yellow, dense cover in green. */
const vegetationAnchors = ["#6b3e1f", "#a06a37", "#cfa165", "#eed9a0", "#f4f0b4", "#cfdf86", "#8fc05c", "#4d9a43", "#1f7336", "#0b4a2a"];

/** matplotlib's viridis (CC0), every tenth or so of it. */
const viridisAnchors = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];

const vegetationIndices: ReadonlySet<string> = new Set(["ndvi", "gndvi", "ndre", "evi", "evi2", "savi", "msavi", "osavi"]);

/** The ramp for an index: brown to green for vegetation indices, viridis for all else. */
export function rampFor(index: string): ColourRamp {
  return mixRamp(vegetationIndices.has(index.toLowerCase()) ? vegetationAnchors : viridisAnchors);
}

function mixRamp(anchors: readonly string[]): ColourRamp {
  const labs = anchors.map((hex) => toOklab([1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))));
  const ramp = new Uint8Array(rampColours * 3);
  for (let colour = 0; colour < rampColours; colour++) {
    const place = (colour / (rampColours - 1)) * (labs.length - 1);
    const left = Math.min(Math.floor(place), labs.length - 2);
    const mixed = mix(labs[left] ?? [], labs[left + 1] ?? [], place - left);
    ramp.set(fromOklab(mixed), colour * 3);
  }
  return ramp;
}

function mix(from: readonly number[], to: readonly number[], share: number): readonly number[] {
  return from.map((value, i) => value + ((to[i] ?? value) - value) * share);
}

type Matrix = readonly (readonly number[])[];

function times(matrix: Matrix, vector: readonly number[]): readonly number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));
}

/** Ottosson's matrices: linear sRGB -> cone response, its cube root -> OKLab, and both back. */
const rgbToCone: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const coneToLab: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const labToCone: Matrix = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];
const coneToRgb: Matrix = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];

function toOklab(bytes: readonly number[]): readonly number[] {
  const linear = bytes.map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
  return times(coneToLab, times(rgbToCone, linear).map(Math.cbrt));
}

function fromOklab(lab: readonly number[]): readonly number[] {
  const cone = times(labToCone, lab).map((value) => value ** 3);
  return times(coneToRgb, cone).map((value) => {
    const linear = Math.min(1, Math.max(0, value));
    return Math.round(255 * (linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055));
  });
}
