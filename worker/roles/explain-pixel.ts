/**
 * `mayfly explain`: one pixel of a job. The engine runs the plan of that pixel alone, in this thread, so that value and count come about exactly as in
 * `mayfly run`; on the way each day is looked at. Nothing is written.
 */
import type { ComputeJob } from "../../api/v1alpha1/compute-job.ts";
import { crsLabel } from "../core/grid/crs.ts";
import { RequestError } from "../../runtime/errors.ts";
import { KernelThread, scratchAllocator } from "../core/execution/kernel-thread.ts";
import type { FinishedBlock, ThreadResult, ThreadTask } from "../core/execution/thread-job.ts";
import { explainDay, type Rules } from "../core/explain/explain-day.ts";
import { type Explanation, type GroupRecord, valueOf } from "../core/explain/explanation.ts";
import { maskFlags } from "../core/explain/flag-fields.ts";
import { type Asked, findPixel, planOfPixel } from "../core/explain/pixel-place.ts";
import { SightRecorder } from "../core/explain/sight-recorder.ts";
import { instantiateKernels } from "../core/kernels/kernels.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { ByteSource } from "../io/source/byte-source.ts";
import type { ThreadPool, ThreadStart } from "../io/threads/thread-pool.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { PreparedJob } from "./prepare-job.ts";

export type ExplainOptions = {
  readonly job: ComputeJob;
  readonly prepared: PreparedJob;
  readonly asked: Asked;
  readonly source: ByteSource;
  readonly kernels: WebAssembly.Module;
  readonly signal: AbortSignal;
};

export type ExplainResult = {
  readonly explanation: Explanation;
  /** Of blocks; the headers were read before. */
  readonly requests: number;
  readonly bytesRead: number;
};

/** One scratch area for the engine's own thread, two for those who look (each of them samples). */
const SCRATCH_AREAS = 3;

/** Throws RequestError for a pixel outside the grid, SourceError for a block that cannot be read. */
export async function explainPixel({ job, prepared, asked, source, kernels, signal }: ExplainOptions): Promise<ExplainResult> {
  const { plan, product } = prepared;
  const place = findPixel(plan.grid, asked);
  if (!place.ok) throw new RequestError(place.problems);
  const pixelPlan = planOfPixel(plan, place.value);
  const looking = createLookingPool(pixelPlan);
  const { createPool } = looking;
  const engine = createEngine({ plan: pixelPlan, source, threads: SCRATCH_AREAS, module: kernels, signal, onError: "fail", createPool });
  const before = source.counters();
  try {
    const groups = await runGroups(pixelPlan, engine);
    const rules: Rules = { request: plan.request, table: product.table, masks: job.spec.mask ?? [] };
    const days = plan.groups
      .flatMap((group) => group.days.map((day) => ({ day, group: group.name })))
      .toSorted((a, b) => a.day.labelMs - b.day.labelMs)
      .map(({ day, group }) => explainDay(day, group, looking.recorder().sightOf(day), rules));
    const { crs, height, width } = plan.grid;
    const explanation = {
      grid: { crs: crsLabel(crs), height, width },
      pixel: place.value,
      maskFlags: maskFlags(plan.request.bands, rules.masks),
      statistic: plan.request.reduce.statistic,
      days,
      groups,
    };
    const after = source.counters();
    return { explanation, requests: after.requests - before.requests, bytesRead: after.bytesRead - before.bytesRead };
  } finally {
    await engine.close();
  }
}

/** Each group is one reduction of one block with one pixel: its first element. */
async function runGroups(plan: Plan, engine: Engine): Promise<readonly GroupRecord[]> {
  const finished = new Map<number, GroupRecord["indices"]>();
  await engine.run({
    onUnitDay: () => {},
    onBlock: (reduction, _, perIndex) => {
      finished.set(
        reduction,
        perIndex.map((block, i) => ({ name: plan.request.indices[i]?.name ?? "", ...pixelOf(block, engine) })),
      );
      return Promise.resolve();
    },
  });
  return plan.reductions.map(({ group }, i) => ({ name: group.name, days: group.days.length, indices: finished.get(i) ?? [] }));
}

/** The rest of the block lies off the grid, so that the block's observations are the pixel's. */
function pixelOf({ raw, statistics }: FinishedBlock, { shared }: Engine): Pick<GroupRecord["indices"][number], "value" | "count"> {
  const bytes = shared.bytes(raw.address, Float32Array.BYTES_PER_ELEMENT);
  return { value: valueOf(new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true)), count: statistics.validObservations };
}

type LookingPool = { readonly createPool: (starts: readonly ThreadStart[]) => ThreadPool; recorder(): SightRecorder };

/** A pool without threads: tasks are run where they are given, and the days are looked at before they are added. */
function createLookingPool(plan: Plan): LookingPool {
  let made: SightRecorder | undefined;
  return {
    recorder() {
      if (!made) throw new Error("Nothing was looked at yet");
      return made;
    },
    createPool([start, real, bare]) {
      if (!start || !real || !bare) throw new Error(`The pool needs ${SCRATCH_AREAS} starts`);
      const { module, memory, job } = start;
      const kernels = instantiateKernels(module, memory);
      const thread = new KernelThread(kernels, memory, job, scratchAllocator(start.scratch));
      const allocate = [scratchAllocator(real.scratch), scratchAllocator(bare.scratch)] as const;
      const recorder = new SightRecorder(plan, { kernels, memory, job, allocate });
      made = recorder;
      return {
        async run<T extends ThreadTask["type"]>(task: Extract<ThreadTask, { type: T }>) {
          const given: ThreadTask = task;
          if (given.type === "compute") recorder.record(given);
          return thread.run(task, () => 0) as Extract<ThreadResult, { type: T }>; // KernelThread answers in kind
        },
        close: () => Promise.resolve(),
      };
    },
  };
}
