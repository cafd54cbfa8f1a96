/** Looks at every day of one pixel as the engine's tasks for it come by, with the engine's own sampling. */
import { UnitComputer } from "../execution/unit-computer.ts";
import type { ComputeTask, ThreadJob } from "../execution/thread-job.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scene } from "../plan/scene.ts";
import type { SolarDay } from "../plan/solar-days.ts";
import type { DaySight, ItemSight } from "./explain-day.ts";

export type RecorderInput = {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly job: ThreadJob;
  /** Two give addresses in the shared memory, for good: as much as two threads need. */
  readonly allocate: readonly [Allocate, Allocate];
};

type Allocate = (bytes: number) => number;

export class SightRecorder {
  readonly #real: UnitComputer;
  /** The same without nodata: what it finds absent lies outside the image. */
  readonly #bare: UnitComputer;
  /** By the scene's place in {@link Plan.scenes}. */
  readonly #items = new Map<number, ItemSight>();
  /** By the place of the day's first scene that reaches the pixel. */
  readonly #fused = new Map<number, DaySight["fused"]>();
  readonly #places: ReadonlyMap<Scene, number>;

  constructor(plan: Plan, { kernels, memory, job, allocate }: RecorderInput) {
    this.#places = new Map(plan.scenes.map((scene, place) => [scene, place]));
    this.#real = new UnitComputer(kernels, memory, job, allocate[0]);
    const rasters = job.rasters.map((raster) => ({ ...raster, nodata: undefined }));
    this.#bare = new UnitComputer(kernels, memory, { ...job, rasters }, allocate[1]);
  }

  /** Looks at one day of the pixel: a task whose unit is that pixel, and whose blocks are loaded. */
  record(task: ComputeTask): void {
    const places = task.scenes.map((tables) => placeOf(tables));
    task.scenes.forEach((scene, i) => {
      const only = { ...task, scenes: [scene] };
      this.#items.set(places[i] ?? -1, { bands: this.#real.look(only).bands, bare: this.#bare.look(only).bands });
    });
    this.#fused.set(places[0] ?? -1, this.#real.look(task));
  }

  /** What was seen of a day. */
  sightOf(day: SolarDay): DaySight {
    const places = day.scenes.map((scene) => this.#places.get(scene) ?? -1);
    const first = places.find((place) => this.#fused.has(place));
    return { items: places.map((place) => this.#items.get(place)), fused: first === undefined ? undefined : this.#fused.get(first) };
  }
}

/** Raster ids are scene * bands + band. */
function placeOf(tables: ComputeTask["scenes"][number]): number {
  const table = tables.find((found) => found !== undefined);
  return table ? Math.floor(table.raster / tables.length) : -1;
}
