/** The known products: data files in this folder, in the shape of a job's own `productTable`. A new product is a new file and a line here. */
import { z } from "zod";
import { ok, problem, type Result } from "../../api/v1alpha1/problem.ts";
import { type ProductTable, productTableSchema } from "../../api/v1alpha1/product-table.ts";
import type { Sensor } from "../core/plan/asset-names.ts";
import gaLandsatArd from "./ga-landsat-ard.json" with { type: "json" };
import landsatC1L1 from "./landsat-c1-l1.json" with { type: "json" };
import landsatC2L2 from "./landsat-c2-l2.json" with { type: "json" };

const productSchema = z.strictObject({
  name: z.string(),
  /** Where the numbers come from: document and section. */
  source: z.string(),
  table: productTableSchema,
  /** The normalized differences [a, b] that the product knows by name. */
  indices: z.record(z.string(), z.tuple([z.string(), z.string()])),
  /** Sensors whose bands are numbered otherwise than the table's aliases. */
  sensors: z
    .array(
      z.strictObject({
        platforms: z.array(z.string()),
        idPrefixes: z.array(z.string()),
        aliases: z.record(z.string(), z.array(z.string())),
      }),
    )
    .default([]),
});

/** A product's profile: bands, flags and named indices. */
export type Product = {
  readonly name: string;
  readonly table: ProductTable;
  readonly indices: Readonly<Record<string, readonly [a: string, b: string]>>;
  readonly sensors: readonly Sensor[];
};

const PRODUCTS: readonly Product[] = [landsatC2L2, landsatC1L1, gaLandsatArd].map((file) => productSchema.parse(file));

/** The product of that name. */
export function findProduct(name: string): Result<Product> {
  const product = PRODUCTS.find((p) => p.name === name);
  if (product) return ok(product);
  return problem(`unknown product "${name}"`, "spec.product", `use one of ${PRODUCTS.map((p) => p.name).join(", ")}, or productTable`);
}

/** A job's own table as a product. It knows those of {@link NAMED_INDICES} whose bands the table has, by name or alias. */
export function productOfTable(table: ProductTable): Product {
  const named = (name: string): boolean =>
    Object.hasOwn(table.bands, name) || Object.values(table.bands).filter(({ aliases }) => aliases?.includes(name)).length === 1;
  const indices = Object.fromEntries(Object.entries(NAMED_INDICES).filter(([, pair]) => pair.every(named)));
  return { name: "productTable", table, indices, sensors: [] };
}

/** What the known products' indices are, by the band names of USGS Collection 2. */
const NAMED_INDICES: Product["indices"] = {
  ndvi: ["nir08", "red"],
  ndwi: ["green", "nir08"],
  ndmi: ["nir08", "swir16"],
  nbr: ["nir08", "swir22"],
};
