/** TIFF predictors undone. */

/** A view of the memory as one element type, addressed by bytes. */
type Stored = Uint8Array | Uint16Array | Uint32Array;

export type DecodeKernels = {
  /** TIFF predictor 2 undone in place on `rows` rows of `cols * samples` little-endian samples of 16 bits. */
  undoPredictor16(ptr: number, rows: number, cols: number, samples: number): void;
  undoPredictor8(ptr: number, rows: number, cols: number, samples: number): void;
  undoPredictor32(ptr: number, rows: number, cols: number, samples: number): void;
};

export function createDecodeKernels(memory: WebAssembly.Memory): DecodeKernels {
  const undo = (view: () => Stored, shift: number) => (ptr: number, rows: number, cols: number, samples: number) => {
    const v = view();
    for (let y = 0; y < rows; y++)
      for (let i = samples; i < cols * samples; i++)
        v[(ptr >> shift) + y * cols * samples + i]! += v[(ptr >> shift) + y * cols * samples + i - samples]!;
  };
  return {
    undoPredictor8: undo(() => new Uint8Array(memory.buffer), 0),
    undoPredictor16: undo(() => new Uint16Array(memory.buffer), 1),
    undoPredictor32: undo(() => new Uint32Array(memory.buffer), 2),
  };
}
