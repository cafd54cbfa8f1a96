/**
 * Numbers that a person reads off a scale: steps of 1, 2 or 5 times a power of ten, and how they are written.
 */

/** The largest of 1, 2, 5 x 10^n that is not above `limit` (positive). */
export function roundDown(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit));
  const factor = [5, 2, 1].find((candidate) => candidate * power <= limit * (1 + 1e-9)) ?? 1;
  return factor * power;
}

/** The round values from low to high (low < high) with a round step of at most a `parts`-th of the way; and the step. */
export function roundTicks(low: number, high: number, parts: number): { readonly values: readonly number[]; readonly step: number } {
  const step = roundDown((high - low) / parts);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return { values: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step), step };
}

/** A number with the decimals that tell steps of `step` apart, thousands set off with commas, and a real minus sign. */
export function writeNumber(value: number, step: number): string {
  if (Math.abs(value) >= 1e7 || step < 1e-6) return value.toExponential(2).replace("e+", "e").replaceAll("-", "−");
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const [whole = "", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** A bar of a round length: `pixels` long, `label` its length on the ground. */
export type ScaleBar = { readonly pixels: number; readonly label: string };

/** The longest round scale bar of at most `limitPixels`; `unitsPerPixel` in metres, or degrees. */
export function scaleBar(unitsPerPixel: number, limitPixels: number, unitIsDegrees: boolean): ScaleBar {
  const length = roundDown(limitPixels * unitsPerPixel);
  return { pixels: length / unitsPerPixel, label: writeLength(length, unitIsDegrees) };
}

/** A length in metres as m or km (`30 m`, `1.5 km`), or in degrees (`0.00025°`), with at most six digits that count. */
export function writeLength(length: number, unitIsDegrees: boolean): string {
  if (unitIsDegrees) return `${plain(length)}°`;
  return length < 1000 ? `${plain(length)} m` : `${plain(length / 1000)} km`;
}

function plain(value: number): string {
  const text = value.toPrecision(6);
  return text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
