/** What a server that gives ranges said of the one it gave, checked before a byte of it is believed. Pure. */
import type { FileIdentity } from "../../core/raster/source-raster.ts";

/** `bytes first-last/total` of RFC 9110, section 14.4, with the end after the last byte. */
export type ContentRange = { readonly first: number; readonly end: number; readonly total: number };

/** Undefined where it is of another form, has an unknown total, or contradicts itself. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(header?.trim() ?? "");
  if (!match) return undefined;
  const [first, last, total] = match.slice(1).map(Number) as [number, number, number]; // the pattern has three groups
  return first <= last && last < total ? { first, end: last + 1, total } : undefined;
}

/** What was asked. `file`: the object as it was when opened; undefined while opening it. */
export type AskedRange = { readonly offset: number; readonly length: number; readonly file: FileIdentity | undefined };

export type RangeFault = { readonly what: string; readonly todo: string };

/** How an answer of `given` with `version` (ETag, or the date of the last change) falls short of what was asked; undefined where it does not. */
export function faultOfRange(asked: AskedRange, given: ContentRange, version: string): RangeFault | undefined {
  const { offset, length, file } = asked;
  if (file && (file.sizeBytes !== given.total || file.version !== version)) return CHANGED;
  if (given.first === offset && given.end === Math.min(offset + length, given.total))
    return file ? endsBefore(asked, given.total) : undefined;
  const what = `the server gave bytes ${given.first} to ${given.end - 1} for ${offset} to ${offset + length - 1}`;
  return { what, todo: "the server or a proxy is at fault: tell its keeper" };
}

export const CHANGED: RangeFault = {
  what: "the file changed while it was read",
  todo: "run again when nobody writes it",
};

/** The fault of a file of `total` bytes that ends before the range does. */
export function endsBefore({ offset, length }: AskedRange, total: number): RangeFault | undefined {
  if (offset + length <= total) return undefined;
  const todo = `the file is truncated (bytes ${offset} to ${offset + length - 1} wanted); fetch it again`;
  return { what: "unexpected end of file", todo };
}
