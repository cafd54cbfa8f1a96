/**
 * The kernels in plain TypeScript: the twin of ../assembly, file by file, with the same order of operations, held equal bit for bit by
 * ../kernels.test.ts. It is the text to read; the WebAssembly is the one that runs. What each kernel promises stands at its type.
 */
import { type DecodeKernels, createDecodeKernels } from "./decode.ts";
import { type GatherKernels, createGatherKernels } from "./gather.ts";
import { type CoordinateKernels, createCoordinateKernels } from "./coordinates.ts";
import { type WarpKernels, createWarpKernels } from "./warp.ts";
import { type InterpolateKernels, createInterpolateKernels } from "./interpolate.ts";
import { type IndexPlaneKernels, createIndexPlaneKernels } from "./index-planes.ts";
import { type ReduceKernels, createReduceKernels } from "./reduce.ts";
import { type MedianKernels, createMedianKernels } from "./median.ts";
import { type DeflateKernels, createDeflateKernels } from "./deflate.ts";
import { type EncodeKernels, createEncodeKernels } from "./encode.ts";

/** All kernels. */
export type Kernels = DecodeKernels &
  GatherKernels &
  CoordinateKernels &
  WarpKernels &
  InterpolateKernels &
  IndexPlaneKernels &
  ReduceKernels &
  MedianKernels &
  EncodeKernels &
  DeflateKernels;

/** The twin over `memory`. */
export function createTypeScriptKernels(memory: WebAssembly.Memory): Kernels {
  return {
    ...createDecodeKernels(memory),
    ...createGatherKernels(memory),
    ...createCoordinateKernels(memory),
    ...createWarpKernels(memory),
    ...createInterpolateKernels(memory),
    ...createIndexPlaneKernels(memory),
    ...createReduceKernels(memory),
    ...createMedianKernels(memory),
    ...createEncodeKernels(memory),
    ...createDeflateKernels(memory),
  };
}
