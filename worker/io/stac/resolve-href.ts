/** Where an item's links lead: relative ones from the place of the item list. A list from the network never leads to this machine's files. */
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The place of an item list: a folder of this machine, or a URL. */
export type ListPlace = { readonly type: "folder"; readonly path: string } | { readonly type: "url"; readonly url: string };

/** The place of the list at a path or URL. */
export function placeOfList(where: string): ListPlace {
  return isRemote(where) ? { type: "url", url: where } : { type: "folder", path: dirname(where) };
}

/** http(s) and S3: what is not on this machine. */
export function isRemote(href: string): boolean {
  return /^(https?|s3):\/\//i.test(href);
}

type Resolved = { readonly href: string } | { readonly wrong: string };

/** The absolute href, or what is wrong with it. */
export function resolveHref(href: string, place: ListPlace): Resolved {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(href)) return { wrong: "an href has control characters" };
  if (isRemote(href)) return URL.canParse(href) ? { href } : { wrong: "an href is no URL" };
  return place.type === "folder" ? inFolder(href, place.path) : onNetwork(href, place.url);
}

function inFolder(href: string, folder: string): Resolved {
  if (/^file:/i.test(href)) return localFile(href);
  // A colon alone may be part of a file's name.
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(href)?.[1];
  if (scheme !== undefined) return unknownScheme(scheme);
  return { href: isAbsolute(href) ? href : resolve(folder, href) };
}

function onNetwork(href: string, base: string): Resolved {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase();
  if (scheme === "file") return { wrong: "an href leads to a file of this machine (file:)" };
  if (scheme !== undefined) return unknownScheme(scheme);
  const url = URL.canParse(href, base) ? new URL(href, base).href : "";
  return isRemote(url) ? { href: url } : { wrong: "an href is no http, https or s3 URL" };
}

function unknownScheme(scheme: string): Resolved {
  return { wrong: `an href has the scheme ${scheme}, which is not read` };
}

function localFile(href: string): Resolved {
  try {
    return { href: fileURLToPath(href) };
  } catch {
    // A host, or an escaped slash: not a path of this machine.
    return { wrong: "an href is a file: URL that names no path here" };
  }
}
