/**
 * How a schema states what a type cannot: a refusal with something to do about it, and the same rule in CEL for the API server.
 * Rules are written twice because zod's refinements are lost in the generated CRD (LIBRARIES 3.4); the corpus that puts both to
 * the same manifests holds them together. Not here: turning zod's issues into problems (issues.ts).
 */
/** What is wrong and what to do about it; the place is added from the issue's path. */
export type Refusal = { readonly what: string; readonly todo: string };

/** The part of zod's refinement context that {@link refuse} needs. */
export type RefusalContext = { addIssue(issue: CustomIssue): void };

type CustomIssue = { code: "custom"; path: PropertyKey[]; message: string; params: Record<string, unknown> };

/** Reports `refusal` at `path` below the value being checked. Issues made here carry `todo` in `params`. */
export function refuse(ctx: RefusalContext, path: readonly PropertyKey[], refusal: Refusal): void {
  ctx.addIssue({ code: "custom", path: [...path], message: refusal.what, params: { todo: refusal.todo } });
}

/** Schema metadata with CEL rules, each with the message that the API server answers. Passes through to the CRD. */
export function cel(...rules: readonly (readonly [rule: string, message: string])[]): Record<string, unknown> {
  return { "x-kubernetes-validations": rules.map(([rule, message]) => ({ rule, message })) };
}

/** Those of `names` that `value` has, in the order of `names`. */
export function given<Name extends string>(value: { readonly [Key in Name]?: unknown }, names: readonly Name[]): Name[] {
  return names.filter((name) => value[name] !== undefined);
}

/** The values that occur more than once, each named once. */
export function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
