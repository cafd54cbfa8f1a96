/** What a job will read: the pipeline run on its plan with nobody behind it, each request answered at once. */
import type { Plan } from "../plan/plan.ts";
import { STACK_BUDGET_BYTES } from "./accumulators.ts";
import { createArena } from "./arena.ts";
import { Pipeline, type PipelineEvent, type PipelineInput, type PipelineInstruction } from "./pipeline.ts";
import { prepareRasters } from "./prepare-threads.ts";
import { unitDaysOf } from "./slabs.ts";
import { DECODED_BUDGET_BYTES } from "./source-blocks.ts";
import { createLatticeCache } from "./tile-lattices.ts";

/** Of a larger job, the first reductions are tried, and the rest taken to be like them: a bill is to be had in a second or two. */
const MOST_UNIT_DAYS = 20_000;

export type Reads = {
  /** One a file for its header, and those for blocks. */
  readonly requests: number;
  /** Of blocks, with the gaps between those that are read together; blocks that two tiles need count twice. */
  readonly readBytes: number;
};

/** `traits`: how far blocks are joined and read ahead where the files are. */
export function estimateReads(plan: Plan, traits: Pick<PipelineInput, "joinRule" | "readAheadBytes">): Reads {
  const preparation = prepareRasters(plan);
  const { rasters, unitSide } = preparation;
  const part = { ...plan, reductions: firstReductions(plan, unitSide) };
  const budgets = { stackBudgetBytes: STACK_BUDGET_BYTES, decodedBudgetBytes: DECODED_BUDGET_BYTES, ...traits };
  // Nobody looks at the nodes' address.
  const latticesOf = createLatticeCache(plan, preparation, () => 0);
  const pipeline = new Pipeline({ plan: part, ...preparation, ...budgets, arena: createArena(), latticesOf });
  const scale = unitDaysOf(plan.reductions, unitSide) / unitDaysOf(part.reductions, unitSide);
  let [loads, readBytes] = [0, 0];
  const open: PipelineInstruction[] = [...pipeline.handle({ type: "start" })];
  for (let at = 0; at < open.length; at++) {
    const instruction = open[at];
    if (instruction?.type === "load") {
      loads++;
      readBytes += instruction.length;
    }
    const answer = instruction && answerTo(instruction);
    if (answer) open.push(...pipeline.handle(answer));
  }
  return { requests: rasters.length + Math.round(loads * scale), readBytes: Math.round(readBytes * scale) };
}

function firstReductions(plan: Plan, unitSide: number): Plan["reductions"] {
  let unitDays = 0;
  const end = plan.reductions.findIndex((reduction) => {
    unitDays += unitDaysOf([reduction], unitSide);
    return unitDays > MOST_UNIT_DAYS;
  });
  return end < 0 ? plan.reductions : plan.reductions.slice(0, Math.max(1, end));
}

function answerTo(instruction: PipelineInstruction): PipelineEvent | undefined {
  switch (instruction.type) {
    case "load":
      return { type: "fetched", load: instruction };
    case "decode":
      return { type: "decoded", load: instruction.load };
    case "compute":
      return { type: "computed", slab: instruction.slab, unit: instruction.unit };
    case "finish":
      return { type: "finished", reduction: instruction.reduction, block: instruction.block };
    case "done":
      return undefined;
  }
}
