/** Compiles the AssemblyScript kernels to build/kernels.wasm. Run by npm's prepare script, so by every `npm ci`. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
mkdirSync(`${root}build`, { recursive: true });
// It says on stderr that optimising more gained nothing, which sounds like a failure: shown only with one.
const messages = asc.createMemoryStream();
const { error } = await asc.main(
  [
    "worker/core/kernels/assembly/index.ts",
    ...["--outFile", "build/kernels.wasm"],
    ...["-O3", "--converge", "--noAssert"],
    ...["--runtime", "stub"],
    ...["--enable", "simd,threads,bulk-memory"],
    // One memory for all threads of a worker: imported, shared, growing up to 4 GiB.
    ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
  ],
  { stderr: messages },
);
if (error) {
  process.stderr.write(messages.toString());
  throw new Error("Could not compile the kernels", { cause: error });
}
