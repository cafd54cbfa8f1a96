/** `mayfly explain`: one pixel, one line a day. */
import { RequestError } from "../../runtime/errors.ts";
import { openSources } from "../../worker/io/source/open-source.ts";
import { explainPixel } from "../../worker/roles/explain-pixel.ts";
import { prepareJob } from "../../worker/roles/prepare-job.ts";
import { explanationText } from "../explanation-text.ts";
import { formatBytes } from "../format.ts";
import type { JobOptions } from "../job-options.ts";
import { readJob } from "../read-job.ts";
import { readKernels } from "../read-kernels.ts";

type ExplainOptions = JobOptions & {
  readonly at?: { readonly lon: number; readonly lat: number };
  readonly pixel?: { readonly row: number; readonly col: number };
};

export async function explainCommand(path: string, options: ExplainOptions): Promise<void> {
  const asked = askedOf(options);
  const job = await readJob(path, options.set);
  const source = openSources({ s3: job.spec.source.s3 ?? {}, env: process.env });
  const { signal } = new AbortController();
  try {
    const prepared = await prepareJob(job, path, source, signal);
    const kernels = await readKernels();
    const { explanation, requests, bytesRead } = await explainPixel({ job, prepared, asked, source, kernels, signal });
    if (options.verbose) process.stderr.write(`${requests} requests for blocks, ${formatBytes(bytesRead)}, beside the images' headers\n`);
    const record = { job: job.metadata.name, jobHash: prepared.hash, ...explanation, read: { requests, bytes: bytesRead } };
    process.stdout.write(
      options.json ? `${JSON.stringify(record, null, 2)}\n` : explanationText(job.metadata.name, explanation, options.verbose),
    );
  } finally {
    await source.close();
  }
}

function askedOf({ at, pixel }: ExplainOptions): Parameters<typeof explainPixel>[0]["asked"] {
  if (at && !pixel) return { type: "lonLat", ...at };
  if (pixel && !at) return { type: "pixel", ...pixel };
  const what = at ? "two pixels" : "no pixel";
  throw new RequestError([{ what, where: "mayfly explain", todo: "give --at LON,LAT or --pixel ROW,COL" }]);
}
