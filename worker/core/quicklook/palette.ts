/**
 * The colours of a picture, at most 256: a picture of one byte a pixel is compressed three times as fast as one of three, and is
 * half as large. The map's colours come first; those of words and lines join as they are drawn.
 */

/** 0xRRGGBB, sRGB. */
export type Colour = number;

export const paletteLimit = 256;

/** Two colours this near (sum of squares over red, green and blue of 0 to 255) are one to the eye. */
const sameDistance = 6;

export class Palette {
  /** Red, green, blue of each colour. */
  readonly #bytes = new Uint8Array(paletteLimit * 3);
  #count = 0;
  readonly #known = new Map<Colour, number>();

  /** The bytes of all colours so far, 3 each. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#count * 3);
  }

  /** Adds colours one after another as they are, and returns the index of the first. The caller sees that there is room. */
  append(colours: Uint8Array): number {
    const first = this.#count;
    this.#bytes.set(colours, first * 3);
    this.#count += colours.length / 3;
    return first;
  }

  /** The index of a colour, or of one like it; a new one as long as there is room, then the nearest. */
  indexOf(colour: Colour): number {
    const known = this.#known.get(colour);
    if (known !== undefined) return known;
    const nearest = this.#nearest(colour);
    const like = nearest.distance <= sameDistance || this.#count === paletteLimit;
    const index = like ? nearest.index : this.append(Uint8Array.of(...channels(colour)));
    this.#known.set(colour, index);
    return index;
  }

  /** The index of `share` (0 to 1) of a colour over that of an index. */
  mixed(under: number, colour: Colour, share: number): number {
    const mix = (channel: number, i: number): number => Math.round(this.#bytes[under * 3 + i]! * (1 - share) + channel * share);
    const [red = 0, green = 0, blue = 0] = channels(colour).map(mix);
    return this.indexOf((red << 16) | (green << 8) | blue);
  }

  #nearest(colour: Colour): { readonly index: number; readonly distance: number } {
    const [red, green, blue] = channels(colour);
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    for (let index = 0; index < this.#count; index++) {
      const at = index * 3;
      const distance = (red - this.#bytes[at]!) ** 2 + (green - this.#bytes[at + 1]!) ** 2 + (blue - this.#bytes[at + 2]!) ** 2;
      if (distance < least) [nearest, least] = [index, distance];
    }
    return { index: nearest, distance: least };
  }
}

/** Red, green, blue. */
export function channels(colour: Colour): readonly [number, number, number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}
