/** Mayfly's version, from package.json: said by --version, in reports and in the results' processing:software. */
import { createRequire } from "node:module";

/** Semantic version. */
export const VERSION: string = (createRequire(import.meta.url)("../package.json") as { version: string }).version; // npm requires the field
