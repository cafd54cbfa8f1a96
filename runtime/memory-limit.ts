/** The memory that this process can have at most. */
import { totalmem } from "node:os";

/** Bytes: the limit of its cgroup, or the machine's memory where that is less or there is no limit. */
export function memoryLimitBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
