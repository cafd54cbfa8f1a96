/**
 * Zod's issues as problems that a person can act on. Two kinds of text come from the schemas themselves: a custom issue says what is
 * wrong in its message and what to do in `params.todo` (rules.ts); a pattern's message is what to do.
 */
import type { z } from "zod";
import { suggestion } from "./nearest-name.ts";
import type { Problem } from "./problem.ts";
import { fieldsAt, purposeAt } from "./schema-fields.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
type IssueOf<Code extends Issue["code"]> = Extract<Issue, { code: Code }>;

/** What a zod type is called in a problem. */
const EXPECTED: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  tuple: "a list",
};

/**
 * The problems of one failed parse, unknown fields first: a misspelt field is the likeliest cause of what follows. For the same
 * reason the cross-field rules of an object with unknown fields are not reported beside them. The issues must have been made with
 * `reportInput`, since the problems quote what was given. `shortForms`: whether whoever wrote the manifest may use them.
 */
export function problemsOf(schema: z.ZodType, issues: readonly Issue[], shortForms: boolean): readonly Problem[] {
  const unknown = issues.filter((issue) => issue.code === "unrecognized_keys");
  const misspelt = new Set(unknown.map((issue) => fieldPath(issue.path)));
  const others = issues.filter(
    (issue) => issue.code !== "unrecognized_keys" && !(issue.code === "custom" && misspelt.has(fieldPath(issue.path))),
  );
  return [...unknown, ...others].flatMap((issue) => problemsOfIssue(schema, issue, shortForms));
}

/** A path in a manifest as people write it: `spec.mask[0].flags`, `metadata.labels["a/b"]`. */
export function fieldPath(path: Path): string {
  const text = path.map((key) => {
    if (typeof key === "number") {
      return `[${key}]`;
    }
    return /^[A-Za-z_*][\w*-]*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
  });
  return text.length === 0 ? "the manifest" : text.join("").replace(/^\./, "");
}

function problemsOfIssue(schema: z.ZodType, issue: Issue, shortForms: boolean): readonly Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => (shortForms ? shortFormProblem(issue, key) : undefined) ?? unknownField(schema, issue.path, key));
  }
  const where = fieldPath(issue.path);
  if (issue.input === undefined && (issue.code === "invalid_type" || issue.code === "invalid_value")) {
    return [{ what: "required field is missing", where, todo: `add it: ${purposeAt(schema, issue.path) ?? "it has no default"}` }];
  }
  return [{ ...wordsOf(issue), where }];
}

/** Short forms that were left as they are: the field's canonical name, and how it is written. */
const SHORT_FORMS: Readonly<Record<string, { readonly canonical: string; readonly shape: string }>> = {
  "spec.index": { canonical: "indices", shape: "give one name, as index: ndvi; several as indices: [{name: ndvi}, {name: ndmi}]" },
  "spec.chunks.y": { canonical: "height", shape: "write height" },
  "spec.chunks.x": { canonical: "width", shape: "write width" },
  "spec.region.x": { canonical: "bounds", shape: "give both x: [xmin, xmax] and y: [ymin, ymax], and their crs" },
  "spec.region.y": { canonical: "bounds", shape: "give both x: [xmin, xmax] and y: [ymin, ymax], and their crs" },
};

/** A short form beside its canonical one, or not in the shape that could be turned into it. Undefined for other fields. */
function shortFormProblem(issue: IssueOf<"unrecognized_keys">, key: string): Problem | undefined {
  const where = fieldPath([...issue.path, key]);
  const form = Object.hasOwn(SHORT_FORMS, where) ? SHORT_FORMS[where] : undefined;
  if (!form) return undefined;
  const beside = Object.hasOwn(issue.input ?? {}, form.canonical); // an object: it has unknown keys
  return beside
    ? { what: `both ${key} and ${form.canonical} are given`, where, todo: "they mean the same: drop one" }
    : { what: `${key} is not in its short form`, where, todo: form.shape };
}

function unknownField(schema: z.ZodType, path: Path, key: string): Problem {
  const todo = suggestion(key, fieldsAt(schema, path), "the fields here are");
  return { what: `unknown field "${key}"`, where: fieldPath([...path, key]), todo };
}

type Words = Pick<Problem, "what" | "todo">;

type WordedIssue = Exclude<Issue, { code: "unrecognized_keys" }>;

/** The words for each code of zod's. Where a schema wrote the message itself, it is what to do. */
const WORDS: { readonly [Code in WordedIssue["code"]]: (issue: IssueOf<Code>) => Words } = {
  custom: (issue) => ({ what: issue.message, todo: String(issue.params?.["todo"] ?? "correct it") }),
  invalid_type: wrongType,
  invalid_value: wrongChoice,
  invalid_format: notAllowed,
  invalid_union: notAllowed,
  too_small: tooSmall,
  too_big: tooBig,
  invalid_key: wrongName,
  invalid_element: notAllowed,
  not_multiple_of: notAllowed,
};

function wordsOf(issue: WordedIssue): Words {
  const words = WORDS[issue.code] as (issue: WordedIssue) => Words; // The table's type holds each code to its own issue.
  return words(issue);
}

function notAllowed(issue: WordedIssue): Words {
  return { what: `not allowed: ${quote(issue.input)}`, todo: issue.message };
}

function wrongType(issue: IssueOf<"invalid_type">): Words {
  const expected = EXPECTED[issue.expected] ?? issue.expected;
  const inQuotes = issue.expected === "string" && (typeof issue.input === "number" || typeof issue.input === "boolean");
  const todo = inQuotes ? `put it in quotes: "${String(issue.input)}"` : `give ${expected}`;
  return { what: `must be ${expected}, not ${kindOf(issue.input)}`, todo };
}

function wrongChoice(issue: IssueOf<"invalid_value">): Words {
  const choices = issue.values.map(String);
  return { what: `unknown value ${quote(issue.input)}`, todo: suggestion(String(issue.input), choices, "use one of") };
}

/** A key of a free mapping, such as a band's name in resampling. */
function wrongName(issue: IssueOf<"invalid_key">): Words {
  const inner = issue.issues.find((found) => found.code !== "unrecognized_keys");
  const words = inner === undefined ? { what: "is not allowed", todo: issue.message } : wordsOf(inner);
  return { what: `this name ${words.what}`, todo: words.todo };
}

function tooSmall(issue: IssueOf<"too_small">): Words {
  const least = Number(issue.minimum);
  if (issue.origin === "string") {
    return { what: "must not be empty", todo: "give a value" };
  }
  if (issue.origin === "array") {
    return { what: "has too few entries", todo: `give ${least} or more instead of ${lengthOf(issue.input)}` };
  }
  if (least === 0) {
    const bound = issue.inclusive === false ? "above 0" : "of 0 or more";
    return {
      what: issue.inclusive === false ? "must be positive" : "must not be negative",
      todo: `give a number ${bound} instead of ${quote(issue.input)}`,
    };
  }
  return { what: `must be at least ${least}`, todo: `give a number of ${least} or more instead of ${quote(issue.input)}` };
}

function tooBig(issue: IssueOf<"too_big">): Words {
  const most = Number(issue.maximum);
  if (issue.origin === "string") {
    return { what: "is too long", todo: `use at most ${most} characters instead of ${lengthOf(issue.input)}` };
  }
  if (issue.origin === "array") {
    return { what: "has too many entries", todo: `give at most ${most} instead of ${lengthOf(issue.input)}` };
  }
  if (issue.path.at(-2) === "lat") {
    return {
      what: `must be at most ${most}`,
      todo: `give a latitude of ${most} or less instead of ${quote(issue.input)}: are lon and lat swapped?`,
    };
  }
  return { what: `must be at most ${most}`, todo: `give a number of ${most} or less instead of ${quote(issue.input)}` };
}

function lengthOf(input: unknown): number {
  return typeof input === "string" || Array.isArray(input) ? input.length : 0;
}

/** What was given, short enough for one line. */
function quote(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function kindOf(input: unknown): string {
  if (input === null) {
    return "empty";
  }
  if (Array.isArray(input)) {
    return "a list";
  }
  return typeof input === "object" ? "a mapping" : quote(typeof input === "number" && !Number.isFinite(input) ? String(input) : input);
}
