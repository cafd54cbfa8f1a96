/** The error for an image that is what it says, but of a kind that is not read. */
import { SourceError } from "../../../runtime/errors.ts";

export type Refuse = (what: string) => SourceError;

export function refuser(href: string): Refuse {
  return (what) => new SourceError({ href, what, todo: "convert it with gdal_translate, or leave the item out" });
}
