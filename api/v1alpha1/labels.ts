/**
 * Label keys, and the names of everything that a cluster consists of (DESIGN section 3). The names are a contract: users select
 * pods and find pages by them. A job's own cluster has the job's name.
 */
import { API_GROUP } from "./group.ts";

/** The keys of the labels that every child carries. */
export const labelKeys = {
  /** Always `mayfly`. */
  name: "app.kubernetes.io/name",
  /** The cluster's name. */
  instance: "app.kubernetes.io/instance",
  /** `scheduler` or `worker`. */
  component: "app.kubernetes.io/component",
  /** Always `mayfly`. */
  managedBy: "app.kubernetes.io/managed-by",
  /** The cluster's name. */
  cluster: `${API_GROUP}/cluster`,
  /** The job's name, on what belongs to a job's own cluster. */
  job: `${API_GROUP}/job`,
  /** `spec.user` of the job as a label's value, see {@link labelValue}. */
  user: `${API_GROUP}/user`,
} as const;

/** Kueue's label. It is refused until Kueue is supported whole: half of it would let a job past its queue. */
export const KUEUE_QUEUE_LABEL = "kueue.x-k8s.io/queue-name";

/** What a pod of a cluster is. */
export type Component = "scheduler" | "worker";

/** The scheduler's ports: the API with TLS, the live page, the metrics. */
export const schedulerPorts = { api: 8786, page: 8787, metrics: 9090 } as const;

/** Name of the scheduler's pod. */
export function schedulerPodName(cluster: string): string {
  return `${cluster}-scheduler`;
}

/** Name of a worker's pod; `suffix` is a few random lower-case letters and digits, never used twice. */
export function workerPodName(cluster: string, suffix: string): string {
  return `${cluster}-worker-${suffix}`;
}

/** Name of the scheduler's Service. */
export function schedulerServiceName(cluster: string): string {
  return `${cluster}-scheduler`;
}

/** Name of the Secret with the cluster's certificate and token. */
export function tlsSecretName(cluster: string): string {
  return `${cluster}-tls`;
}

/** Whether a label's key is ours to set, so that a template may not. Selectors depend on them. */
export function isReservedLabel(key: string): boolean {
  return key.startsWith(`${API_GROUP}/`) || key === KUEUE_QUEUE_LABEL || Object.values<string>(labelKeys).includes(key);
}

/** The labels that select all pods of a cluster, or with `component` those of one role. */
export function selectorLabels(cluster: string, component?: Component): Record<string, string> {
  const labels = { [labelKeys.name]: "mayfly", [labelKeys.instance]: cluster };
  return component === undefined ? labels : { ...labels, [labelKeys.component]: component };
}

/** All labels of a child. `job` and `user` are those of the job whose own cluster it is, where there is one. */
export function childLabels(of: {
  readonly cluster: string;
  readonly component: Component;
  readonly job?: string | undefined;
  readonly user?: string | undefined;
}): Record<string, string> {
  return {
    ...selectorLabels(of.cluster, of.component),
    [labelKeys.managedBy]: "mayfly",
    [labelKeys.cluster]: of.cluster,
    ...(of.job === undefined ? {} : { [labelKeys.job]: of.job }),
    ...(of.user === undefined ? {} : { [labelKeys.user]: labelValue(of.user) }),
  };
}

const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/**
 * `text` as a label's value: itself where it is one, else its allowed characters and a hash of the whole, so that two users never
 * share a value by accident (`alice@example.com` gives `alice-example.com-` and eight hexadecimal digits).
 */
export function labelValue(text: string): string {
  if (LABEL_VALUE.test(text)) {
    return text;
  }
  const readable = text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 54);
  const hash = fnv1a(text).toString(16).padStart(8, "0");
  return readable === "" ? hash : `${readable}-${hash}`;
}

/** 32-bit FNV-1a over UTF-16 code units. Source: the FNV draft, draft-eastlake-fnv, section 5. Not for security. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}
