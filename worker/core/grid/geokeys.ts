/** What a TIFF's geokeys may hold, and what came of reading them. */

/** Key (by GeoTIFF 1.0's name) -> value, as a TIFF library gives them; anything may be in it. */
export type GeoKeyValues = Readonly<Record<string, unknown>>;

/** GeoTIFF 1.1 section 7.1: the value of a key that other keys define. */
export const USER_DEFINED = 32767;

/** A value, or what is wrong, to be said after the file's name. */
export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly what: string };

export function found<T>(value: T): Found<T> {
  return { ok: true, value };
}

export function refused(what: string): { readonly ok: false; readonly what: string } {
  return { ok: false, what };
}
