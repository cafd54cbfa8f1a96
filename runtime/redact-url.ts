/** How an address may be shown: in errors, logs, reports. */

/** Anything that has a scheme, as opposed to a path. */
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\//i;

/** `href` without what may be secret: user and password, and the query, where signed URLs carry their signature. Paths stay as they are. */
export function redactUrl(href: string): string {
  if (!URL_LIKE.test(href)) return href;
  const [address = "", ...query] = href.split(/[?#]/);
  const bare = address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
  return query.length > 0 && query.join("") !== "" ? `${bare}?…` : bare;
}
