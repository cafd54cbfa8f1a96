/**
 * zlib from memory to memory: a reused stream that reads and writes where the caller says. Node's own inflateSync makes a stream and a buffer for each
 * call, which is a fifth of the time of a 256 x 256 block and leaves some 100 MiB of buffers waiting for the garbage collector.
 *
 * This uses a stream's `_handle.writeSync` and `_writeState`, which Node does not document (pngjs does the same, lib/sync-inflate.js). Where they
 * are missing or behave otherwise, {@link createInflater} falls back to the documented call (decision 0007).
 */
import { constants, createInflate, deflateSync, inflateSync } from "node:zlib";

/** Inflates `input` to `output`; returns how many bytes there were, at most the output's length. Throws RangeError where the input is damaged. */
export type Inflater = (input: Uint8Array, output: Uint8Array) => number;

type Handle = {
  reset(): void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
};

/** An inflater of zlib streams. */
export function createInflater(): Inflater {
  const inflate = fromHandle(createInflate());
  return inflate && inflatesBack(inflate) ? inflate : inflateDocumented;
}

/** Runs the stream from its beginning each time. Undefined where Node's inside has another shape. */
function fromHandle(stream: object): Inflater | undefined {
  const { _handle: handle, _writeState: state } = stream as { readonly _handle?: Handle; readonly _writeState?: Uint32Array };
  if (typeof handle?.writeSync !== "function" || typeof handle.reset !== "function" || !(state instanceof Uint32Array)) return undefined;
  let failure: string | undefined;
  handle.onerror = (message) => {
    failure = message;
  };
  return (input, output) => {
    failure = undefined;
    handle.reset();
    handle.writeSync(constants.Z_FINISH, input, 0, input.length, output, 0, output.length);
    if (failure !== undefined) throw new RangeError(failure);
    // [0] is the room left in the output.
    return output.length - (state[0] ?? 0);
  };
}

function inflateDocumented(input: Uint8Array, output: Uint8Array): number {
  try {
    return put(inflateSync(input, { chunkSize: output.length + 64, maxOutputLength: output.length }), output);
  } catch (cause) {
    throw new RangeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function put(bytes: Uint8Array, output: Uint8Array): number {
  output.set(bytes);
  return bytes.length;
}

const SAMPLE = Uint8Array.from({ length: 300 }, (_, i) => (i * i) % 251);

/** Twice, since the second time shows that the stream begins anew. */
function inflatesBack(inflate: Inflater): boolean {
  const output = new Uint8Array(SAMPLE.length);
  return [0, 1].every(() => inflate(deflateSync(SAMPLE), output) === SAMPLE.length && output.every((byte, i) => byte === SAMPLE[i]));
}
