/** The items of a job, and where they were found. */
import type { StacItem } from "../../core/plan/stac-item.ts";

export type FoundItems = {
  readonly items: readonly StacItem[];
  /** The list's path or URL, or the search's. May hold a signature: show it by redactUrl only. */
  readonly where: string;
  /** How a STAC API was asked; undefined for a list. */
  readonly search: { readonly method: "GET" | "POST"; readonly pages: number } | undefined;
};
