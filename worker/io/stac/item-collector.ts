/** Gathers the items of one list, page by page, within its limits. Names that items share are held once: 100,000 of them must fit. */
import { redactUrl } from "../../../runtime/redact-url.ts";
import type { StacItem } from "../../core/plan/stac-item.ts";
import { parseItem } from "./item-document.ts";
import { listError } from "./list-error.ts";
import type { ListLimits } from "./list-limits.ts";
import { type ListPlace, placeOfList } from "./resolve-href.ts";

export type CollectorOptions = {
  readonly limits: ListLimits;
  readonly mayBeBand: (key: string, commonName: string | undefined) => boolean;
  /** Whether an item may come again (pages overlap, searches overlap), or is then a mistake in a list that somebody wrote. */
  readonly mayRepeat: boolean;
};

const NARROW = "narrow spec.region, spec.time, or the collections, query or filter in spec.source.stac";

export class ItemCollector {
  readonly items: StacItem[] = [];
  readonly #options: CollectorOptions;
  readonly #seen = new Set<string>();
  readonly #otherAssets = new Map<string, readonly string[]>();
  readonly #words = new Map<string, string>();

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Adds the features of a page; gives how many of them were new. Throws RequestError. */
  addPage(features: readonly unknown[], where: string): number {
    const place = placeOfList(where);
    const shown = redactUrl(where);
    const before = this.items.length;
    features.forEach((feature, i) => this.#add(feature, { where, place, at: `${shown}: features[${i}]` }));
    return this.items.length - before;
  }

  /** An answer that says how many items there are in all, before they are read. */
  expect(matched: number, where: string): void {
    if (matched > this.#options.limits.maxItems) throw this.#tooMany(`${matched} items`, where);
  }

  #add(feature: unknown, { where, place, at }: { readonly where: string; readonly place: ListPlace; readonly at: string }): void {
    const { mayBeBand, mayRepeat, limits } = this.#options;
    const item = parseItem(feature, { where: at, place, mayBeBand });
    // Ids are unique within a collection; a control character cannot be in either.
    const key = `${item.collection ?? ""}\n${item.id}`;
    if (this.#seen.has(key)) {
      if (mayRepeat) return;
      throw listError(`two items have the id ${item.id}`, where, "drop one of them");
    }
    if (this.items.length === limits.maxItems) throw this.#tooMany(`more than ${limits.maxItems} items`, where);
    this.#seen.add(key);
    this.items.push({ ...item, ...this.#shared(item) });
  }

  #tooMany(count: string, where: string): Error {
    return listError(`${count}, of at most ${this.#options.limits.maxItems}`, where, NARROW);
  }

  #shared({ collection, platform, otherAssets }: StacItem): Pick<StacItem, "collection" | "platform" | "otherAssets"> {
    const key = otherAssets.join("\n");
    const names = this.#otherAssets.get(key) ?? otherAssets;
    this.#otherAssets.set(key, names);
    return { collection: this.#word(collection), platform: this.#word(platform), otherAssets: names };
  }

  #word(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const held = this.#words.get(text) ?? text;
    this.#words.set(text, held);
    return held;
  }
}
