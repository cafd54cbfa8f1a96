/** `mayfly explain` in this process, for many pixels of one job: what the command does, without its start. */
import { readFile } from "node:fs/promises";
import path from "node:path";

import { readJob } from "../../cli/read-job.ts";
import type { Asked } from "../../worker/core/explain/pixel-place.ts";
import { createFileSource } from "../../worker/io/file/file-source.ts";
import { explainPixel, type ExplainResult } from "../../worker/roles/explain-pixel.ts";
import { prepareJob } from "../../worker/roles/prepare-job.ts";
import { projectRoot } from "./project.ts";

/** Explains each pixel asked for, one after the other. */
export async function explainPixels(
  jobPath: string,
  settings: readonly string[],
  pixels: readonly Asked[],
): Promise<readonly ExplainResult[]> {
  const job = await readJob(jobPath, settings);
  const source = createFileSource();
  const { signal } = new AbortController();
  try {
    const prepared = await prepareJob(job, jobPath, source, signal);
    const kernels = new WebAssembly.Module(Uint8Array.from(await readFile(path.join(projectRoot, "build/kernels.wasm"))));
    const results: ExplainResult[] = [];
    for (const asked of pixels) results.push(await explainPixel({ job, prepared, asked, source, kernels, signal }));
    return results;
  } finally {
    await source.close();
  }
}
