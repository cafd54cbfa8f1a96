/**
 * The closed `template` list of scheduler and workers: what a user may say about pods that the operator makes. Anything else is
 * refused, so that a pod always meets the restricted Pod Security Standard and its selectors always hold. The insides of
 * Kubernetes' own types (affinity, tolerations, ...) are let through; the API server checks them when the pod is made.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";
import { isReservedLabel } from "./labels.ts";
import { referenceName } from "./names.ts";
import { cel, given, refuse } from "./rules.ts";

/** Another API type's object, kept whole. In the CRD its unknown fields are preserved. */
const kubernetesObject = z.looseObject({});
const kubernetesList = z.array(kubernetesObject).max(64);
const stringMap = z.record(z.string(), z.string());

/** An environment variable, as in a container. */
export const envVarSchema = z
  .strictObject({
    name: z
      .string()
      .max(256)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "use letters, digits and _, not beginning with a digit")
      .describe("Name of the variable."),
    value: z.string().optional().describe("Its value. Instead of valueFrom."),
    valueFrom: kubernetesObject.optional().describe("Where its value comes from, as in a container. Instead of value."),
  })
  .superRefine((variable, ctx) => {
    if (variable.value !== undefined && variable.valueFrom !== undefined) {
      refuse(ctx, [], { what: "value and valueFrom are both given", todo: "give one of them" });
    }
  })
  .meta(cel(["!(has(self.value) && has(self.valueFrom))", "value and valueFrom are both given"]));

const VOLUME_TYPES = ["configMap", "secret", "projected"] as const;

/** A volume of one of the three types that hold no state. It is mounted read-only at {@link templateVolumePath}. */
export const templateVolumeSchema = z
  .strictObject({
    name: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "use lower-case letters, digits and -")
      .describe("Name of the volume; it is mounted read-only at /etc/mayfly/volumes/<name>."),
    configMap: kubernetesObject.optional().describe("A ConfigMap, as in a pod's volumes."),
    secret: kubernetesObject.optional().describe("A Secret, as in a pod's volumes."),
    projected: kubernetesObject.optional().describe("Projected sources, as in a pod's volumes."),
  })
  .superRefine((volume, ctx) => {
    if (given(volume, VOLUME_TYPES).length !== 1) {
      refuse(ctx, [], { what: "a volume has exactly one type", todo: `give one of ${VOLUME_TYPES.join(", ")}` });
    }
  })
  .meta(
    cel([
      "[has(self.configMap), has(self.secret), has(self.projected)].exists_one(type, type)",
      "give one of configMap, secret, projected",
    ]),
  );

/** Where a template's volume is mounted in the pods, read-only. */
export function templateVolumePath(name: string): string {
  return `/etc/mayfly/volumes/${name}`;
}

/** `scheduler.template` and `workers.template`. No field has a default; what is left out is Kubernetes' own default or ours. */
export const podTemplateSchema = z
  .strictObject({
    labels: stringMap.optional().describe("Labels added to the pods. Mayfly's own keys and Kueue's queue name are refused."),
    annotations: stringMap.optional().describe("Annotations added to the pods."),
    nodeSelector: stringMap.optional().describe("Labels that a node must have."),
    tolerations: kubernetesList.optional().describe("Taints that the pods tolerate, as in a pod."),
    affinity: kubernetesObject.optional().describe("Affinity of the pods, as in a pod."),
    topologySpreadConstraints: kubernetesList.optional().describe("How the pods are spread, as in a pod."),
    priorityClassName: referenceName.optional().describe("PriorityClass of the pods."),
    schedulerName: z.string().min(1).max(253).optional().describe("Kubernetes scheduler that places the pods."),
    runtimeClassName: referenceName.optional().describe("RuntimeClass of the pods."),
    serviceAccountName: referenceName.optional().describe("ServiceAccount of the pods; its token is never mounted."),
    imagePullSecrets: z
      .array(z.strictObject({ name: referenceName.describe("Name of the Secret.") }))
      .max(16)
      .optional()
      .describe("Secrets for pulling the image."),
    imagePullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).optional().describe("When the image is pulled."),
    env: z.array(envVarSchema).max(128).optional().describe("Environment variables added to the container."),
    envFrom: kubernetesList.optional().describe("Sources of environment variables, as in a container."),
    dnsConfig: kubernetesObject.optional().describe("DNS of the pods, as in a pod."),
    terminationGracePeriodSeconds: z.int().min(0).max(86_400).optional().describe("Seconds between SIGTERM and SIGKILL."),
    runAsUser: z.int().min(1).max(2_147_483_647).optional().describe("UID of the container; never 0."),
    fsGroup: z.int().min(1).max(2_147_483_647).optional().describe("Group of the pods' volumes."),
    volumes: z
      .array(templateVolumeSchema)
      .max(32)
      .optional()
      .describe("Volumes of type configMap, secret or projected, mounted read-only."),
  })
  .superRefine((template, ctx) => {
    for (const key of Object.keys(template.labels ?? {}).filter(isReservedLabel)) {
      refuse(ctx, ["labels", key], { what: "this label is not for a template to set", todo: "take it away" });
    }
  });

/** A `template`. */
export type PodTemplate = DeepReadonly<z.output<typeof podTemplateSchema>>;
