/**
 * Whose turn it is: first the user who has least under way, then, among that user's jobs, the higher priority, the job with less under way, and the
 * one that was not served for longest. So a small job beside a large one of another user gets half of the workers until it is done.
 */
import type { JobTable } from "./job-table.ts";

/** The jobs that have reductions waiting, the one whose turn it is first. */
export function fairOrder(jobs: Iterable<JobTable>): readonly JobTable[] {
  const underWay = new Map<string, number>();
  const waiting: JobTable[] = [];
  for (const job of jobs) {
    underWay.set(job.user, (underWay.get(job.user) ?? 0) + job.runningCount);
    if (job.waitingCount > 0) waiting.push(job);
  }
  if (waiting.length < 2) return waiting;
  const share = (job: JobTable): number => underWay.get(job.user) ?? 0;
  return waiting.toSorted(
    (a, b) =>
      share(a) - share(b) ||
      (a.user === b.user ? b.priority - a.priority : 0) ||
      a.runningCount - b.runningCount ||
      a.lastServed - b.lastServed,
  );
}
