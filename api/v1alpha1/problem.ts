/**
 * Something wrong with a request or a file, in the three parts of the contract's error line
 * (`error: <what>: <where>: <what to do>`, DESIGN section 2).
 */
export type Problem = {
  /** What is wrong, without the place: `unknown flag "clouds"`. */
  readonly what: string;
  /** The field path, file or item it was found in: `spec.mask[0].flags`, `items.json`, an href. */
  readonly where: string;
  /** What the user can do about it: `use one of cloud, cloud_shadow`. */
  readonly todo: string;
};

/** The outcome of a pure step that can find the request wrong. `problems` is never empty. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** A successful {@link Result}. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A {@link Result} with one problem. */
export function problem(what: string, where: string, todo: string): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ what, where, todo }] };
}
