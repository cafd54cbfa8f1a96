/** `mayfly convert`: the canonical manifest, as a cluster takes it. */
import { canonicalJob } from "../../api/v1alpha1/canonical.ts";
import type { JobOptions } from "../job-options.ts";
import { yamlText } from "../../worker/io/yaml/yaml-text.ts";
import { readJob } from "../read-job.ts";

export async function convertCommand(path: string, options: JobOptions): Promise<void> {
  const manifest = canonicalJob(await readJob(path, options.set));
  process.stdout.write(options.json ? `${JSON.stringify(manifest, null, 2)}\n` : yamlText(manifest));
}
