/** The module that a kernel thread runs: tasks from the port, results back; pixels stay in the shared memory. */
import { parentPort, workerData } from "node:worker_threads";
import { BlockDamagedError, KernelThread, scratchAllocator } from "../core/execution/kernel-thread.ts";
import type { ThreadTask } from "../core/execution/thread-job.ts";
import { instantiateKernels } from "../core/kernels/kernels.ts";
import type { ThreadReply, ThreadStart } from "../io/threads/thread-pool.ts";

const { module, memory, job, scratch } = workerData as ThreadStart; // createThreadPool gives nothing else
const thread = new KernelThread(instantiateKernels(module, memory), memory, job, scratchAllocator(scratch));

parentPort?.on("message", (task: ThreadTask) => {
  try {
    send({ type: "result", result: thread.run(task, () => performance.now() / 1000) });
  } catch (error) {
    if (error instanceof BlockDamagedError) send({ type: "damaged", raster: error.raster, block: error.block, message: error.message });
    else
      send({
        type: "failed",
        message: error instanceof Error ? error.message : String(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
  }
});

function send(reply: ThreadReply): void {
  parentPort?.postMessage(reply);
}
