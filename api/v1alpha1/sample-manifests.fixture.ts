/** Manifests for the tests of this room, and a way to change one field of them. */

/** The smallest job that a cluster takes. */
export const smallJob = {
  apiVersion: "compute.mayfly.dev/v1alpha1",
  kind: "ComputeJob",
  metadata: { name: "ndvi" },
  spec: {
    source: { items: "s3://bucket/items.json" },
    product: "landsat-c2-l2",
    grid: { crs: "EPSG:3577", resolution: 30 },
    output: { url: "s3://bucket/ndvi/" },
  },
};

/** DESIGN section 3's job, with one side of each "one of" and plausible values where it has dots. */
export const designJob = {
  apiVersion: "compute.mayfly.dev/v1alpha1",
  kind: "ComputeJob",
  metadata: { name: "ndvi-2021", namespace: "alice" },
  spec: {
    source: {
      stac: { url: "https://stac.example.org/v1", collections: ["landsat-c2l2-sr"], query: {}, filter: {}, ids: [], limit: 1000 },
      s3: {
        requesterPays: true,
        unsigned: false,
        region: "us-west-2",
        endpoint: "https://s3.example.org",
        credentialsSecretName: "my-keys",
      },
      onError: "fail",
    },
    product: "landsat-c2-l2",
    measurements: ["red", "nir08", "qa_pixel"],
    region: { lon: [146.05, 148.05], lat: [-37.05, -35.05] },
    time: { start: "2021-01-01", end: "2021-12-31" },
    grid: { crs: "EPSG:3577", resolution: 30, anchor: "edge", overviews: "never" },
    chunks: { time: 1, height: 2048, width: 2048 },
    resampling: { qa_pixel: "nearest", "*": "average" },
    groupBy: "solar_day",
    mask: [
      {
        band: "qa_pixel",
        flags: { nodata: ["false"], cloud: ["not_high_confidence"], cloud_shadow: ["not_high_confidence"], water: ["land_or_cloud"] },
        validRange: "none",
      },
    ],
    indices: [{ name: "ndvi" }, { name: "ndwi", normalizedDifference: ["green", "nir08"] }, { name: "red", band: "red" }],
    values: "reflectance",
    reduce: { by: "season", each: "year", statistic: "mean", calendar: "utc" },
    clusterTemplate: { spec: { workers: { replicas: 4, resources: { limits: { memory: "14Gi", cpu: "4" } } } } },
    output: {
      url: "s3://bucket/prefix/",
      count: true,
      quicklook: true,
      overwrite: false,
      s3: {
        region: "us-west-2",
        endpoint: "https://s3.example.org",
        credentialsSecretName: "my-keys",
        serverSideEncryption: "aws:kms",
        kmsKeyId: "alias/mine",
      },
    },
    user: "alice",
    priority: 0,
    suspend: false,
    backoffLimit: 3,
    activeDeadlineSeconds: 7200,
    ttlSecondsAfterFinished: 86400,
  },
};

/** The notebook's words: /work/shared/data/landsat/l8-ny-2018/job.yaml as YAML reads it. */
export const newYorkJob = {
  apiVersion: "compute.mayfly.dev/v1alpha1",
  kind: "ComputeJob",
  metadata: { name: "ny-2018" },
  spec: {
    source: { items: "items.json" },
    product: "landsat-c1-l1",
    region: { lon: [-76.0, -72.6], lat: [39.4, 42.6] },
    time: { start: "2018-01-01", end: "2018-12-31" },
    grid: { crs: "EPSG:32618", resolution: 3000 },
    chunks: { time: 1, y: 64, x: 64 },
    resampling: { qa_pixel: "nearest", "*": "average" },
    groupBy: "solar_day",
    mask: {
      band: "qa_pixel",
      flags: { nodata: false, cloud: "not_high_confidence", cloud_shadow_confidence: ["none", "low"] },
    },
    index: "ndvi",
    values: "raw",
    reduce: { by: "season", statistic: "mean" },
  },
};

/** DESIGN section 3's cluster, with plausible values where it has dots. */
export const designCluster = {
  apiVersion: "compute.mayfly.dev/v1alpha1",
  kind: "ComputeCluster",
  metadata: { name: "shared", namespace: "alice" },
  spec: {
    image: "registry.example.org/mayfly:0.1.0",
    suspend: false,
    idleTimeoutSeconds: 900,
    deletion: { policy: "Keep", afterSeconds: 86400 },
    scheduler: {
      disruptionBudget: false,
      resources: { limits: { memory: "1Gi", cpu: "1" } },
      template: { priorityClassName: "high", tolerations: [{ key: "spot", operator: "Exists" }] },
    },
    workers: {
      replicas: 2,
      threads: 4,
      resources: { limits: { memory: "14Gi", cpu: "4" } },
      memory: { target: "0.60", spill: "0.70", pause: "0.80", terminate: "0.95" },
      spill: {
        sizeLimit: "50Gi",
        volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "50Gi" } } } },
      },
      template: {
        labels: { team: "eo" },
        annotations: { "example.org/note": "x" },
        nodeSelector: { pool: "spot" },
        tolerations: [{ key: "spot", operator: "Exists" }],
        affinity: { nodeAffinity: {} },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
        priorityClassName: "low",
        schedulerName: "default-scheduler",
        runtimeClassName: "gvisor",
        serviceAccountName: "reader",
        imagePullSecrets: [{ name: "pull" }],
        imagePullPolicy: "IfNotPresent",
        env: [
          { name: "A", value: "1" },
          { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
        ],
        envFrom: [{ configMapRef: { name: "c" } }],
        dnsConfig: { options: [{ name: "ndots", value: "1" }] },
        terminationGracePeriodSeconds: 60,
        runAsUser: 1000,
        fsGroup: 1000,
        volumes: [
          { name: "ca", configMap: { name: "ca" } },
          { name: "token", projected: { sources: [] } },
        ],
      },
    },
  },
};

/** Values by the path of their field (`spec.grid.resolution`, `spec.mask.0.band`); undefined takes the field away. */
export type Changes = Readonly<Record<string, unknown>>;

/** A copy of `manifest` with fields changed. A path's parents are made where they are missing. */
export function changed(manifest: object, changes: Changes): object {
  const copy: Record<string, unknown> = structuredClone(manifest) as Record<string, unknown>; // A manifest is a mapping.
  for (const [path, value] of Object.entries(changes)) {
    change(copy, path.split("."), value);
  }
  return copy;
}

function change(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length > 0) {
    into[name] ??= {};
    change(into[name] as Record<string, unknown>, rest, value); // Tests only go through mappings and lists.
  } else if (value === undefined) {
    delete into[name];
  } else {
    into[name] = value;
  }
}
