/** One scan's coefficients (ITU T.81, annexes F and G): sequential, and the four kinds of progressive scans. */
import type { HuffmanTable, ScanBits } from "./huffman.ts";

/** Coefficients of one component, 64 a block, row by row (not zigzag), blocks row-major and padded to whole MCUs. */
export type Component = {
  readonly id: number;
  readonly h: number;
  readonly v: number;
  readonly quantizer: number;
  /** Blocks that hold samples, and those that are stored. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  readonly stride: number;
  readonly coefficients: Int16Array;
};

export type ScanComponent = {
  readonly component: Component;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
};

export type Scan = {
  readonly components: readonly ScanComponent[];
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
  readonly progressive: boolean;
  readonly restartInterval: number;
  readonly mcusAcross: number;
  readonly mcusDown: number;
};

/** Row-by-row place of each zigzag place (T.81, figure A.6). */
export const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  ...[35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

type BlockDecoder = (of: ScanComponent, place: number, index: number) => void;

/** Decodes a scan into its components' coefficients. Throws RangeError where the data is damaged. */
export function decodeScan(bits: ScanBits, scan: Scan): void {
  const state = { predictors: scan.components.map(() => 0), endOfBand: 0 };
  const decode = blockDecoder(bits, scan, state);
  let untilRestart = scan.restartInterval;
  const begin = (): void => {
    if (scan.restartInterval === 0) return;
    if (untilRestart === 0) {
      bits.restart();
      state.predictors.fill(0);
      state.endOfBand = 0;
      untilRestart = scan.restartInterval;
    }
    untilRestart--;
  };
  const [only] = scan.components;
  if (scan.components.length === 1 && only) {
    const { blocksAcross, blocksDown, stride } = only.component;
    for (let row = 0; row < blocksDown; row++)
      for (let col = 0; col < blocksAcross; col++) {
        begin();
        decode(only, (row * stride + col) * 64, 0);
      }
    return;
  }
  for (let row = 0; row < scan.mcusDown; row++)
    for (let col = 0; col < scan.mcusAcross; col++) {
      begin();
      for (const [index, of] of scan.components.entries()) {
        const { h, v, stride } = of.component;
        for (let y = 0; y < v; y++) for (let x = 0; x < h; x++) decode(of, ((row * v + y) * stride + col * h + x) * 64, index);
      }
    }
}

function tableOf(table: HuffmanTable | undefined): HuffmanTable {
  if (!table) throw new RangeError("JPEG names a code table that is not there");
  return table;
}

function blockDecoder(bits: ScanBits, scan: Scan, state: { readonly predictors: number[]; endOfBand: number }): BlockDecoder {
  const { first, last, low } = scan;
  const dcDifference = (of: ScanComponent, index: number): number => {
    const size = bits.decode(tableOf(of.dc));
    if (size > 15) throw new RangeError("JPEG difference is too large");
    return (state.predictors[index]! += bits.signed(size));
  };
  if (!scan.progressive)
    return (of, place, index) => {
      const { coefficients } = of.component;
      coefficients[place] = dcDifference(of, index);
      const ac = tableOf(of.ac);
      for (let k = 1; k < 64; k++) {
        const code = bits.decode(ac);
        const size = code & 15;
        if (size === 0 && code >> 4 < 15) return;
        k += code >> 4;
        if (k > 63) throw new RangeError("JPEG block has too many coefficients");
        if (size > 0) coefficients[place + ZIGZAG[k]!] = bits.signed(size);
      }
    };
  if (first === 0)
    return scan.high === 0
      ? (of, place, index) => void (of.component.coefficients[place] = dcDifference(of, index) << low)
      : (of, place) => void (of.component.coefficients[place]! |= bits.bits(1) << low);
  if (scan.high === 0)
    return (of, place) => {
      if (state.endOfBand > 0) {
        state.endOfBand--;
        return;
      }
      const ac = tableOf(of.ac);
      for (let k = first; k <= last; k++) {
        const code = bits.decode(ac);
        const [run, size] = [code >> 4, code & 15];
        if (size === 0 && run < 15) {
          state.endOfBand = (1 << run) - 1 + bits.bits(run);
          return;
        }
        k += run;
        if (k > 63) throw new RangeError("JPEG block has too many coefficients");
        if (size > 0) of.component.coefficients[place + ZIGZAG[k]!] = bits.signed(size) << low;
      }
    };
  return (of, place) => refine(bits, scan, state, of, place);
}

/** The next bit of coefficients of which earlier bits are there (T.81, G.1.2.3). */
function refine(bits: ScanBits, { first, last, low }: Scan, state: { endOfBand: number }, of: ScanComponent, place: number): void {
  const { coefficients } = of.component;
  const step = 1 << low;
  const correct = (at: number): void => {
    const value = coefficients[at]!;
    if (bits.bits(1) === 1 && (value & step) === 0) coefficients[at] = value >= 0 ? value + step : value - step;
  };
  let k = first;
  if (state.endOfBand === 0) {
    const ac = tableOf(of.ac);
    for (; k <= last; k++) {
      const code = bits.decode(ac);
      let run = code >> 4;
      let value = 0;
      if ((code & 15) === 0) {
        if (run < 15) {
          state.endOfBand = (1 << run) + bits.bits(run);
          break;
        }
      } else value = bits.bits(1) === 1 ? step : -step;
      for (; k <= last; k++) {
        const at = place + ZIGZAG[k]!;
        if (coefficients[at] !== 0) correct(at);
        else if (run-- === 0) break;
      }
      if (value !== 0 && k <= last) coefficients[place + ZIGZAG[k]!] = value;
    }
  }
  if (state.endOfBand === 0) return;
  for (; k <= last; k++) if (coefficients[place + ZIGZAG[k]!] !== 0) correct(place + ZIGZAG[k]!);
  state.endOfBand--;
}
