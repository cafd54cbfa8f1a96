/** The compiled kernels. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Compiled by `npm ci` (scripts/compile-kernels.ts). */
const KERNELS = fileURLToPath(new URL("../build/kernels.wasm", import.meta.url));

export async function readKernels(): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(Uint8Array.from(await readFile(KERNELS)));
}
