/** RFC 3339 date-times, as STAC items have them. */

const PATTERN = /^(\d{4}-\d\d-(\d\d))(?:[Tt ](\d\d:\d\d)(?::(\d\d)(\.\d{1,12})?)?)?(?:[Zz]|([+-]\d\d):?(\d\d)?)?$/;

/**
 * Milliseconds since 1970, the fraction of a millisecond kept: two moments a microsecond apart are two. Without a zone it is UTC, as pystac takes it
 * (JavaScript would take this machine's). Undefined where it is no date.
 */
export function parseTimestamp(text: string): number | undefined {
  const [, date = "", day, minutes = "00:00", seconds = "00", fraction = "", zoneHours, zoneMinutes = "00"] = PATTERN.exec(text) ?? [];
  const zone = zoneHours === undefined ? "Z" : `${zoneHours}:${zoneMinutes}`;
  const wholeMs = Date.parse(`${date}T${minutes}:${seconds}${zone}`);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(wholeMs) || new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) return undefined;
  return wholeMs + Number(`0${fraction}`) * 1000;
}
