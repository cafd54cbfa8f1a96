/** `mayfly convert`: the canonical manifest, as a cluster takes it. */
import { stringify } from "yaml";
import { canonicalJob } from "../../api/v1alpha1/canonical.ts";
import type { JobOptions } from "../main.ts";
import { readJob } from "../read-job.ts";

export async function convertCommand(path: string, options: JobOptions): Promise<void> {
  const manifest = canonicalJob(await readJob(path, options.set));
  // YAML 1.1, so that dates and words such as "off" are quoted for every reader.
  process.stdout.write(options.json ? `${JSON.stringify(manifest, null, 2)}\n` : stringify(manifest, { version: "1.1", flowCollectionPadding: false, lineWidth: 0 }));
}
