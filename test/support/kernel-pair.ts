/** The WebAssembly kernels and their TypeScript twin, run side by side on the same bytes (build/kernels.wasm, made by `npm ci`). */
import { readFileSync } from "node:fs";
import { createSharedMemory, instantiateKernels, type Kernels } from "../../worker/core/kernels/kernels.ts";
import { createTypeScriptKernels } from "../../worker/core/kernels/typescript/index.ts";

type TypedArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** What the kernels did: the arrays afterwards, and what they returned. */
export type KernelOutcome<A> = { readonly arrays: A; readonly returned: unknown };

export const kernelModule = new WebAssembly.Module(Uint8Array.from(readFileSync(new URL("../../build/kernels.wasm", import.meta.url))));

/** 64 MiB. */
const PAGES = 1024;

const wasmMemory = createSharedMemory(PAGES);
const twinMemory = createSharedMemory(PAGES);
export const wasmKernels = instantiateKernels(kernelModule, wasmMemory);
export const twinKernels = createTypeScriptKernels(twinMemory);

/** Bytes between the arrays, and what they hold: a kernel must not write there. */
const GUARD_BYTES = 64;
const GUARD = 0xa5;

/**
 * Puts the arrays into both memories at the same addresses, calls the kernel in both and gives what the WebAssembly made of them.
 * Throws where the memories differ afterwards in any byte (NaNs of the arrays in `nanAlike` may differ in their bits), or a kernel
 * wrote between the arrays.
 */
export function runBoth<A extends Record<string, TypedArray>>(
  arrays: A,
  call: (kernels: Kernels, at: { readonly [K in keyof A]: number }) => unknown,
  nanAlike: readonly (keyof A)[] = [],
): KernelOutcome<A> {
  const [ours, twins] = [runIn(wasmMemory, wasmKernels, arrays, call), runIn(twinMemory, twinKernels, arrays, call)];
  if (!Object.is(ours.returned, twins.returned))
    throw new Error(`The kernel returned ${String(ours.returned)}, its twin ${String(twins.returned)}`);
  for (const name of Object.keys(arrays)) {
    const [a, b] = [ours.arrays[name], twins.arrays[name]];
    if (a && b) compareArrays(name, a, b, nanAlike.includes(name));
  }
  return ours;
}

function runIn<A extends Record<string, TypedArray>>(
  memory: WebAssembly.Memory,
  kernels: Kernels,
  arrays: A,
  call: (kernels: Kernels, at: { readonly [K in keyof A]: number }) => unknown,
): KernelOutcome<A> {
  const at: Record<string, number> = {};
  let end = GUARD_BYTES;
  for (const [name, array] of Object.entries(arrays)) {
    at[name] = end;
    end = Math.ceil((end + array.byteLength) / 64) * 64 + GUARD_BYTES;
  }
  const bytes = new Uint8Array(memory.buffer, 0, end).fill(GUARD);
  for (const [name, array] of Object.entries(arrays)) bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at[name]);
  const returned = call(kernels, at as { [K in keyof A]: number }); // one address for each name
  const after = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, takeOut(array, bytes, at[name] ?? 0)]));
  const stray = bytes.findIndex((byte) => byte !== GUARD);
  if (stray >= 0) throw new Error(`A kernel wrote to byte ${stray}, outside the arrays at ${JSON.stringify(at)}`);
  return { arrays: after as A, returned }; // the same names and kinds of arrays
}

/** A copy of an array's bytes, which become guards. */
function takeOut(like: TypedArray, bytes: Uint8Array, at: number): TypedArray {
  const copy = Uint8Array.from(bytes.subarray(at, at + like.byteLength));
  bytes.fill(GUARD, at, at + like.byteLength);
  return new (like.constructor as new (buffer: ArrayBuffer) => TypedArray)(copy.buffer); // every typed array has it
}

function compareArrays(name: string, a: TypedArray, b: TypedArray, nanAlike: boolean): void {
  const [p, q] = [new Uint8Array(a.buffer), new Uint8Array(b.buffer)];
  const size = a.BYTES_PER_ELEMENT;
  const differs = p.findIndex(
    (byte, i) => byte !== q[i] && !(nanAlike && Number.isNaN(a[Math.floor(i / size)]) && Number.isNaN(b[Math.floor(i / size)])),
  );
  if (differs < 0) return;
  const element = Math.floor(differs / size);
  const bits = (bytes: Uint8Array) => Buffer.from(bytes.subarray(element * size, (element + 1) * size)).toString("hex");
  throw new Error(`${name}[${element}] is ${a[element]} (${bits(p)}) in WebAssembly and ${b[element]} (${bits(q)}) in the twin`);
}

/** Numbers from a seed, the same each time: mulberry32, uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
