/** The known products: data files in this folder, in the shape of a job's own `productTable`. A new product is a new file and a line here. */
import { z } from "zod";
import { ok, problem, type Result } from "../../api/v1alpha1/problem.ts";
import { type ProductTable, productTableSchema } from "../../api/v1alpha1/product-table.ts";
import landsatC1L1 from "./landsat-c1-l1.json" with { type: "json" };
import landsatC2L2 from "./landsat-c2-l2.json" with { type: "json" };

const productSchema = z.strictObject({
  name: z.string(),
  /** Where the numbers come from: document and section. */
  source: z.string(),
  table: productTableSchema,
  /** The normalized differences [a, b] that the product knows by name. */
  indices: z.record(z.string(), z.tuple([z.string(), z.string()])),
});

/** A product's profile: bands, flags and named indices. */
export type Product = {
  readonly name: string;
  readonly table: ProductTable;
  readonly indices: Readonly<Record<string, readonly [a: string, b: string]>>;
};

const PRODUCTS: readonly Product[] = [landsatC2L2, landsatC1L1].map((file) => productSchema.parse(file));

/** The product of that name. */
export function findProduct(name: string): Result<Product> {
  const product = PRODUCTS.find((p) => p.name === name);
  if (product) return ok(product);
  return problem(`unknown product "${name}"`, "spec.product", `use one of ${PRODUCTS.map((p) => p.name).join(", ")}, or productTable`);
}

/** A job's own table as a product. It knows NDVI where the table has the bands. */
export function productOfTable(table: ProductTable): Product {
  const indices = table.bands["red"] && table.bands["nir08"] ? { ndvi: ["nir08", "red"] as const } : {};
  return { name: "productTable", table, indices };
}
