/** Source coordinates of the pixels of a strip, on a thread: corners for averages, centres for nearest; kept while bands share them. */
import { intersectWindows, type Window } from "../grid/affine.ts";
import { quadraticBasis } from "../grid/lattice.ts";
import type { AxisMap } from "../grid/sampling.ts";
import { type Kernels, SNAP_PIXELS } from "../kernels/kernels.ts";
import { COG_BLOCK } from "../plan/chunks.ts";
import type { LatticeAddress, ThreadRaster } from "./thread-job.ts";
import { withFilter } from "./source-window.ts";
import { STRIP_ROWS, type StripCoordinates } from "./strip.ts";

const COORDINATES = (STRIP_ROWS + 1) * (COG_BLOCK + 1);

type Kind = StripCoordinates["kind"];

/** Addresses of each column's left node and its three weights, and what they were made for. */
type Columns = { readonly starts: number; readonly basis: number; filled: string };
export class CoordinateGrid {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #buffers: Readonly<Record<Kind, number>>;
  readonly #columns: Readonly<Record<Kind, Columns>>;
  readonly #bounds: number;
  readonly #filled: Record<Kind, string> = { corners: "", centres: "" };
  #strip: Window = { row0: 0, col0: 0, row1: 0, col1: 0 };

  constructor(kernels: Kernels, memory: WebAssembly.Memory, allocate: (bytes: number) => number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#buffers = { corners: allocate(COORDINATES * 16), centres: allocate(COORDINATES * 16) };
    const columns = (): Columns => ({ starts: allocate((COG_BLOCK + 1) * 4), basis: allocate((COG_BLOCK + 1) * 24), filled: "" });
    this.#columns = { corners: columns(), centres: columns() };
    this.#bounds = allocate(32);
  }

  /** Forgets the coordinates of the strip before. */
  begin(strip: Window): void {
    this.#strip = strip;
    this.#filled.corners = "";
    this.#filled.centres = "";
  }

  /** The strip's coordinates for a raster: source pixels where rows and columns map apart, lattice units else. */
  of(raster: ThreadRaster, lattices: readonly (LatticeAddress | undefined)[], kind: Kind): StripCoordinates {
    const { sampling } = raster;
    const cols = this.#strip.col1 - this.#strip.col0 + (kind === "corners" ? 1 : 0);
    const base = { kind, strip: this.#strip, xys: this.#buffers[kind], cols };
    if (sampling.type === "shift" || sampling.type === "separable") {
      this.#fill(kind, `${sampling.x.offset} ${sampling.x.step} ${sampling.y.offset} ${sampling.y.step}`, () =>
        this.#fillSeparable(base, sampling.x, sampling.y),
      );
      return { ...base, originXY: [0, 0], perXY: [1, 1] };
    }
    const lattice = lattices[raster.lattice];
    if (!lattice) throw new Error(`No lattice ${raster.lattice}`);
    this.#fill(kind, `lattice ${raster.lattice}`, () => this.#fillLattice(base, lattice));
    return { ...base, originXY: raster.originXY, perXY: raster.perXY };
  }

  #fill(kind: Kind, key: string, fill: () => void): void {
    if (this.#filled[kind] === key) return;
    fill();
    this.#filled[kind] = key;
  }

  #fillSeparable(grid: Pick<StripCoordinates, "kind" | "xys" | "cols">, x: AxisMap, y: AxisMap): void {
    const f64 = new Float64Array(this.#memory.buffer);
    const half = grid.kind === "corners" ? 0 : 0.5;
    const rows = this.#strip.row1 - this.#strip.row0 + (grid.kind === "corners" ? 1 : 0);
    for (let r = 0; r < rows; r++) {
      const row = y.offset + y.step * (this.#strip.row0 + r + half);
      for (let c = 0; c < grid.cols; c++) {
        const at = (grid.xys >> 3) + 2 * (r * grid.cols + c);
        f64[at] = x.offset + x.step * (this.#strip.col0 + c + half);
        f64[at + 1] = row;
      }
    }
  }

  #fillLattice(grid: Pick<StripCoordinates, "kind" | "xys" | "cols">, lattice: LatticeAddress): void {
    const half = grid.kind === "corners" ? 0 : 0.5;
    const rows = this.#strip.row1 - this.#strip.row0 + (grid.kind === "corners" ? 1 : 0);
    const { patch } = lattice;
    const columns = this.#columns[grid.kind];
    this.#fillColumns(columns, grid.cols, half, lattice);
    for (let r = 0; r < rows; r++) {
      const row = this.#strip.row0 + r;
      const first = Math.floor(row / patch);
      const [r0, r1, r2] = quadraticBasis((row + half - first * patch) / patch);
      const node = 2 * (first - lattice.row0 / patch);
      this.#kernels.interpolateRow(
        lattice.nodes,
        lattice.nodeCols,
        node,
        r0,
        r1,
        r2,
        columns.starts,
        columns.basis,
        grid.xys + r * grid.cols * 16,
        grid.cols,
      );
    }
  }

  /** The same for all strips of a unit, and for units one above the other. */
  #fillColumns(columns: Columns, cols: number, half: number, { patch, col0 }: LatticeAddress): void {
    const key = `${patch} ${col0} ${this.#strip.col0} ${cols}`;
    if (columns.filled === key) return;
    columns.filled = key;
    const starts = new Int32Array(this.#memory.buffer, columns.starts, cols);
    const basis = new Float64Array(this.#memory.buffer, columns.basis, cols * 3);
    for (let c = 0; c < cols; c++) {
      const col = this.#strip.col0 + c;
      const first = Math.floor(col / patch);
      starts[c] = 2 * (first - col0 / patch);
      basis.set(quadraticBasis((col + half - first * patch) / patch), c * 3);
    }
  }

  /** Address of the coordinates of a rectangle of the strip. */
  addressOf(grid: StripCoordinates, rect: Window): number {
    return grid.xys + ((rect.row0 - grid.strip.row0) * grid.cols + rect.col0 - grid.strip.col0) * 16;
  }

  #isFiniteAtCorners(xys: number, rowBytes: number, rows: number, cols: number): boolean {
    const f64 = new Float64Array(this.#memory.buffer);
    const last = (rows - 1) * rowBytes;
    return [0, (cols - 1) * 16, last, last + (cols - 1) * 16].every(
      (at) => Number.isFinite(f64[(xys + at) >> 3]!) && Number.isFinite(f64[((xys + at) >> 3) + 1]!),
    );
  }

  /** The source pixels that a rectangle of the strip can need, inside the image; undefined where there are none. */
  sourceWindow(raster: ThreadRaster, grid: StripCoordinates, rect: Window): Window | undefined {
    const extra = grid.kind === "corners" ? 1 : 0;
    const [rows, cols] = [rect.row1 - rect.row0 + extra, rect.col1 - rect.col0 + extra];
    const bounds = [Infinity, Infinity, -Infinity, -Infinity];
    const xys = this.addressOf(grid, rect);
    const f64 = new Float64Array(this.#memory.buffer);
    const include = (address: number, count: number): void => {
      this.#kernels.coordinateBounds(address, count, this.#bounds);
      const found = this.#bounds >> 3;
      bounds[0] = Math.min(bounds[0]!, f64[found]!);
      bounds[1] = Math.min(bounds[1]!, f64[found + 1]!);
      bounds[2] = Math.max(bounds[2]!, f64[found + 2]!);
      bounds[3] = Math.max(bounds[3]!, f64[found + 3]!);
    };
    // Neighbours stay neighbours, so the extremes lie on the rectangle's edge; but where a projection ends, inside it is looked at too.
    const rowBytes = grid.cols * 16;
    const edgeOnly = this.#isFiniteAtCorners(xys, rowBytes, rows, cols);
    for (let r = 0; r < rows; r++) {
      if (!edgeOnly || r === 0 || r === rows - 1) include(xys + r * rowBytes, cols);
      else {
        include(xys + r * rowBytes, 1);
        include(xys + r * rowBytes + (cols - 1) * 16, 1);
      }
    }
    if (bounds[0]! > bounds[2]!) return undefined;
    const [x0, x1] = toPixels(bounds[0]!, bounds[2]!, grid.originXY[0], grid.perXY[0]);
    const [y0, y1] = toPixels(bounds[1]!, bounds[3]!, grid.originXY[1], grid.perXY[1]);
    const image = { row0: 0, col0: 0, row1: raster.height, col1: raster.width };
    return intersectWindows(withFilter(raster, { row0: y0, col0: x0, row1: Math.max(y1, y0 + 1), col1: Math.max(x1, x0 + 1) }), image);
  }
}

/** Pixels from the first that a span of coordinates touches to the one after the last. */
function toPixels(low: number, high: number, origin: number, per: number): readonly [number, number] {
  const [a, b] = [(low - origin) * per, (high - origin) * per];
  // One more than the averages' boxes reach, which is where a centre on an edge counts.
  return [Math.floor(Math.min(a, b) + SNAP_PIXELS), Math.floor(Math.max(a, b) + SNAP_PIXELS) + 1];
}
