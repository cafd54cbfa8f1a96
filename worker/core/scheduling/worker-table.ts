/** The workers as the scheduler sees them: what they can take, what they hold. */

export type WorkerState = {
  readonly worker: string;
  readonly memoryBytes: number;
  readonly slots: number;
  /** Attempts that it holds, by number. */
  readonly attempts: Set<number>;
  /** Memory that they reserve. */
  reservedBytes: number;
  paused: boolean;
  silent: boolean;
  retiring: boolean;
  /** Whether what it holds is a suspect, which runs alone. */
  quarantined: boolean;
  /** The last reduction that it was given: the next one shares blocks with it. */
  last: { readonly job: string; readonly reduction: number } | undefined;
};

export function newWorker(worker: string, memoryBytes: number, slots: number): WorkerState {
  return {
    worker,
    memoryBytes,
    slots,
    attempts: new Set(),
    reservedBytes: 0,
    paused: false,
    silent: false,
    retiring: false,
    quarantined: false,
    last: undefined,
  };
}

/** Whether it may be given anything at all now. */
export function takesWork({ paused, silent, retiring, quarantined, attempts, slots }: WorkerState): boolean {
  return !paused && !silent && !retiring && !quarantined && attempts.size < slots;
}
