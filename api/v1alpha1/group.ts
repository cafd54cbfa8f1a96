/** The API group, its version and its two kinds (DESIGN section 3). Names only; the shapes are in compute-job.ts and compute-cluster.ts. */

/** The API group of both kinds. */
export const API_GROUP = "compute.mayfly.dev";

/** The one served version. */
export const API_VERSION_NAME = "v1alpha1";

/** What a manifest's `apiVersion` must say. */
export const API_VERSION = `${API_GROUP}/${API_VERSION_NAME}` as const;

/** The kinds with the names that kubectl knows them by. Both are namespaced. */
export const kinds = {
  ComputeJob: { plural: "computejobs", singular: "computejob", shortName: "mfj", category: "mayfly" },
  ComputeCluster: { plural: "computeclusters", singular: "computecluster", shortName: "mfc", category: "mayfly" },
} as const;

/** `ComputeJob` or `ComputeCluster`. */
export type Kind = keyof typeof kinds;
