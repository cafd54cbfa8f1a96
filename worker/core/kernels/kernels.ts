/**
 * The kernels: everything that is done to pixels, between the inflated block and the encoded one.
 *
 * All arguments named after arrays are byte addresses in one shared memory; rectangles are row-major, row 0 first, with strides in
 * elements. Two implementations, equal bit for bit: WebAssembly SIMD (assembly/, used) and plain TypeScript
 * (typescript/, read and tested; each kernel is documented there).
 *
 * Windows and planes hold 32-bit elements. Measurement planes: float32, NaN = nodata or outside the scene. Flag planes: uint32 holding the
 * flag band's 8- or 16-bit code, {@link ABSENT_FLAGS} = nodata or outside the scene. `valid` arrays: uint8, 1 = usable.
 */
import type { Kernels } from "./typescript/index.ts";

export { ABSENT_FLAGS, DEFLATE_SCRATCH_BYTES, deflateBound, NAN_BITS, SNAP_PIXELS } from "./kernel-constants.ts";
export type { Gather } from "./typescript/gather.ts";
export type { Kernels };

const PAGE_BYTES = 64 * 1024;

/** What a 32-bit address reaches. */
const MAX_PAGES = 65536;

/**
 * The memory that all threads of a process share, at its final length from the start: 4 GiB of addresses, or the largest half of it that the system
 * grants; a page costs nothing before it is written. It is never grown, since V8 (Node 24) tells other threads of growth only some time
 * later, and until then their views end too early.
 */
export function createSharedMemory(mostPages = MAX_PAGES): WebAssembly.Memory {
  for (let pages = mostPages; pages >= 1; pages /= 2) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: MAX_PAGES, shared: true });
    } catch (error) {
      // So much cannot be had here (RLIMIT_AS, strict overcommit): less may.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new RangeError(`Not even ${PAGE_BYTES} bytes of shared memory can be had`);
}

/** The WebAssembly kernels over `memory`. Each thread has an instance of its own; they hold no state. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: onAbort } });
  // The exports are exactly the functions of Kernels: kernels.test.ts compares the names and the results.
  return instance.exports as unknown as Kernels;
}

function onAbort(): never {
  throw new Error("A kernel aborted");
}
