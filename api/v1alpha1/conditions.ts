/**
 * The conditions of both kinds and the reasons that they carry, each with what it means (DESIGN section 3). Types and reasons are a
 * contract: people wait for them and alert on them. Reasons are PascalCase; more may come, none goes.
 */

/** Condition types of a ComputeCluster. */
export const clusterConditions = {
  SchedulerReady: "The scheduler's pod answers on its API.",
  WorkersReady: "As many workers as wanted are connected to the scheduler.",
  Ready: "The scheduler and all wanted workers are ready.",
  Suspended: "The cluster has no pods, because it was idle or because its spec asks for it.",
  Degraded: "Something keeps failing; the reason names the worst of it.",
} as const;

/** Reasons of a ComputeCluster's `Suspended`. */
export const clusterSuspendedReasons = {
  Idle: "It computed nothing for idleTimeoutSeconds.",
  Requested: "spec.suspend is true.",
} as const;

/** Reasons of a ComputeCluster's `Degraded`. */
export const clusterDegradedReasons = {
  OOMKilled: "A container went over its memory limit and was killed.",
  ImagePullFailed: "The image cannot be pulled.",
  CrashLooping: "A container ends again and again soon after its start.",
  Unschedulable: "No node takes the pod.",
  AdmissionDenied: "The API server refused the pod; the message is the server's.",
  QuotaExceeded: "The namespace's quota leaves no room.",
} as const;

/** Condition types of a ComputeJob. `Complete` and `Failed` are those of batch/v1. */
export const jobConditions = {
  Admitted: "The job may have a cluster.",
  Running: "Its scheduler computes.",
  Suspended: "spec.suspend is true; finished work is kept.",
  Complete: "All results are committed.",
  Failed: "The job ended without its results.",
  Finished: "The job is Complete or Failed, so that one kubectl wait ends either way.",
} as const;

/** Reasons of a ComputeJob's `Admitted` when it is False. */
export const jobNotAdmittedReasons = {
  Queued: "It waits for its turn between namespaces and users.",
  WillNotFit: "By the plan a worker needs more memory than its limit.",
  InvalidSpec: "The spec asks for something that cannot be; the message says where.",
  QuotaExceeded: "The namespace's quota leaves no room.",
} as const;

/** Reasons of a ComputeJob's `Complete`. */
export const jobCompleteReasons = {
  Completed: "It was computed and committed.",
  AlreadyComplete: "The output held this very job already; nothing was computed.",
} as const;

/** Reasons of a ComputeJob's `Failed` that hold for any batch/v1 Job, spelt as there. Others name the failure itself. */
export const jobFailedReasons = {
  BackoffLimitExceeded: "It failed more often than backoffLimit allows.",
  DeadlineExceeded: "It ran for longer than activeDeadlineSeconds.",
} as const;

/** A condition type of a ComputeCluster. */
export type ClusterConditionType = keyof typeof clusterConditions;

/** A reason of a ComputeCluster's `Degraded`. */
export type ClusterDegradedReason = keyof typeof clusterDegradedReasons;

/** A condition type of a ComputeJob. */
export type JobConditionType = keyof typeof jobConditions;

/** A reason of a ComputeJob's `Admitted` being False. */
export type JobNotAdmittedReason = keyof typeof jobNotAdmittedReasons;
