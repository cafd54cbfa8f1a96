/** How much of an item list is read before it is called wrong. */

export type ListLimits = {
  /** Of all pages together. */
  readonly maxItems: number;
  /** Of one answer or file. */
  readonly maxPageBytes: number;
  readonly maxTotalBytes: number;
  readonly maxPages: number;
  /** Pages with a next one, but without an item, one after the other. */
  readonly maxEmptyPages: number;
  /** For one answer, from connecting to its last byte. */
  readonly pageTimeoutMs: number;
  /** For all of them. */
  readonly totalTimeoutMs: number;
};

const MIB = 1024 * 1024;

/**
 * 100,000 Landsat items are some 2 GB of JSON and a year of a continent: more is a forgotten region or time. A page of 10,000, the most that the API's
 * specification has, is 200 MB. Most servers give 10 items where no limit is asked for, so pages are many.
 */
export const LIST_LIMITS: ListLimits = {
  maxItems: 100_000,
  maxPageBytes: 256 * MIB,
  maxTotalBytes: 4096 * MIB,
  maxPages: 10_001,
  maxEmptyPages: 10,
  pageTimeoutMs: 120_000,
  totalTimeoutMs: 1_800_000,
};
