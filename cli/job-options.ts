/** Options of every command that reads a JOB. */
export type JobOptions = {
  /** `spec.region.buffer=0.05`, in the order given. */
  readonly set: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
};
