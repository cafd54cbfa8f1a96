/** The marks under a colour bar. */
import { roundDown, roundTicks, writeNumber } from "./round-numbers.ts";
import type { Stretch } from "./stretch.ts";

/** A mark under the colour bar; `share` 0 at its left end, 1 at its right. */
export type Tick = { readonly share: number; readonly label: string };

/** The ends of the stretch, and as many round values between as leave room for their labels on a bar of `width` characters. */
export function ticksOf(stretch: Stretch, width: number): readonly Tick[] {
  if (stretch.type === "empty") return [];
  const { low, high } = stretch;
  if (stretch.type === "constant") return [{ share: 0.5, label: writeNumber((low + high) / 2, roundDown(high - low) / 10) }];
  for (const parts of [5, 3, 2]) {
    const { values, step } = roundTicks(low, high, parts);
    const ends = [low, high].map((value, share) => ({ share, label: writeNumber(value, step / 10) }));
    const inside = values
      .map((value) => ({ share: (value - low) / (high - low), label: writeNumber(value, step) }))
      .filter((tick) => ends.every((end) => apart(tick, end, width)));
    if (inside.every((tick, i) => apart(tick, inside[i + 1], width)))
      return [...inside, ...ends].toSorted((one, other) => one.share - other.share);
  }
  return [low, high].map((value, share) => ({ share, label: writeNumber(value, roundDown(high - low) / 100) }));
}

/** Whether the labels of two ticks leave more than a character between them. */
function apart(one: Tick, other: Tick | undefined, width: number): boolean {
  if (other === undefined) return true;
  const characters = (one.label.length + other.label.length) / 2 + 1.5;
  return Math.abs(one.share - other.share) * width > characters;
}
