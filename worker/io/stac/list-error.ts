/** What can be wrong with an item list. All of it is the request's fault in the contract's sense: exit status 2. */
import { MayflyError, RequestError } from "../../../runtime/errors.ts";
import { redactUrl } from "../../../runtime/redact-url.ts";

/** `what` is wrong with the list at `where`, which is shown without secrets. */
export function listError(what: string, where: string, todo: string, cause?: unknown): RequestError {
  return new RequestError([{ what: `item list unreadable (${what})`, where: redactUrl(where), todo }], cause);
}

/** What a source or server refused, as the list's error; anything else is passed on. */
export function asListError(cause: unknown, where: string): unknown {
  if (!(cause instanceof MayflyError) || cause instanceof RequestError) return cause;
  const [problem] = cause.problems;
  return listError(problem?.what ?? "?", problem?.where ?? where, problem?.todo ?? "check spec.source", cause);
}
