/** Addresses: what is one, and how it may be shown in errors, logs, reports. */

/** Whether `href` has a scheme (http://, s3://, file://), as opposed to a path. */
export function isUrl(href: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(href);
}

/** `href` without what may be secret: user and password, and the query, where signed URLs carry their signature. Paths stay as they are. */
export function bareUrl(href: string): string {
  if (!isUrl(href)) return href;
  const [address = ""] = href.split(/[?#]/);
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}

/** {@link bareUrl}, with a mark where a query was left out. */
export function redactUrl(href: string): string {
  const hasQuery = isUrl(href) && /[?#][^?#]/.test(href);
  return hasQuery ? `${bareUrl(href)}?…` : bareUrl(href);
}
