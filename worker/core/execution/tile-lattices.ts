/** The lattices over a tile: node coordinates, and where they were put. */
import { intersectWindows, type Window } from "../grid/affine.ts";
import { latticeNodes } from "../grid/lattice.ts";
import type { Plan } from "../plan/plan.ts";
import type { TileLattice } from "./pipeline.ts";
import type { Preparation } from "./prepare-threads.ts";

/** Node coordinates of each tile, transformed once and kept: 65 x 65 nodes a lattice for a tile of 2048. `place` gives an address. */
export function createLatticeCache(
  plan: Plan,
  { lattices }: Preparation,
  place: (data: Float64Array) => number,
): (tile: Window) => readonly TileLattice[] {
  const known = new Map<string, readonly TileLattice[]>();
  return (tile) => {
    const key = `${tile.row0},${tile.col0}`;
    const found = known.get(key);
    if (found) return found;
    const made = lattices.map(({ toSource, patch, window }): TileLattice => {
      if (!intersectWindows(window, tile)) return withoutNodes(tile, patch);
      const nodes = latticeNodes(plan.grid, toSource, patch, tile);
      const { row0, col0, nodeCols } = nodes;
      const pairs = new Float64Array(nodes.xs.length * 2);
      nodes.xs.forEach((x, i) => pairs.set([x, nodes.ys[i] ?? Number.NaN], 2 * i));
      return { nodes, address: { patch, row0, col0, nodeCols, nodes: place(pairs) } };
    });
    known.set(key, made);
    return made;
  };
}

/** A lattice whose images lie elsewhere: no pixel of the tile has coordinates. */
function withoutNodes({ row0, col0 }: Window, patch: number): TileLattice {
  const none = new Float64Array(0);
  return {
    nodes: { patch, row0, col0, nodeRows: 0, nodeCols: 0, xs: none, ys: none },
    address: { patch, row0, col0, nodeCols: 0, nodes: 0 },
  };
}
