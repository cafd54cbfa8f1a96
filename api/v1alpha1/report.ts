/**
 * report.json, which every run writes beside its results (DESIGN section 2). Sizes are bytes, times seconds. What only a run of several
 * processes has (spilled bytes, retries, disruptions) is 0 in others. Also what `mayfly run --json` prints at its end.
 */
import { z } from "zod";
import type { DeepReadonly } from "./deep-readonly.ts";

const count = z.int().min(0);
const bytes = z.int().min(0);
const seconds = z.number().min(0);

/** One image of the result. The numbers are null where no pixel has a valid observation. */
export const reportGroupSchema = z.strictObject({
  name: z.string().describe("As in the file's name: ndvi_DJF."),
  days: count.describe("Observations (with groupBy solar_day: solar days) that feed it."),
  validObservations: count.describe("Valid observations summed over all pixels."),
  min: z.number().nullable().describe("Smallest value of the image."),
  mean: z.number().nullable().describe("Mean of the image's values, each pixel once."),
  max: z.number().nullable().describe("Largest value of the image."),
  outsideValidRange: count.describe("Observations used although a band was outside the product's valid range."),
});

/** report.json, whole. */
export const reportSchema = z.strictObject({
  version: z.string().min(1).describe("Mayfly's version."),
  jobHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("sha256 of what decides the bytes of the results, in hexadecimal."),
  scenes: count.describe("Items that took part."),
  solarDays: count.describe("Observations after fusing."),
  chunks: count.describe("Chunks computed."),
  chunkBytes: bytes.describe("Bytes of one whole chunk of one band."),
  datasetBytes: bytes.describe("Bytes of all bands read, on the output grid."),
  resultBytes: bytes.describe("Bytes of the results, uncompressed."),
  requests: count.describe("Requests for the items' files, every try; of local files the reads."),
  bytesRead: bytes.describe("Bytes read from the source."),
  spilledBytes: bytes.describe("Bytes spilled."),
  wallSeconds: seconds.describe("From start to commit."),
  computeSeconds: seconds.describe("From the first chunk's start to the last one's end."),
  workers: z.int().min(1).describe("Worker processes."),
  threadsPerWorker: z.int().min(1).describe("Threads that computed in each."),
  memoryLimitBytes: bytes.describe("Memory limit of one worker; 0 for none."),
  peakWorkerResidentBytes: bytes.describe("Largest resident size of any one worker."),
  peakResidentBytes: bytes.describe("Largest resident size of all processes together."),
  retries: count.describe("Requests that were tried again, and reductions that ran again by their own doing."),
  disruptions: count.describe("Losses that were not the job's doing."),
  skippedScenes: z
    .array(z.strictObject({ id: z.string().describe("The item's id."), reason: z.string().describe("Why it was left out.") }))
    .describe("Scenes left out."),
  groups: z.array(reportGroupSchema).describe("One entry for each image, in the order of the files."),
  files: z
    .array(
      z.strictObject({
        name: z.string().describe("Name below the output."),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .describe("sha256 of its bytes, in hexadecimal."),
        bytes: bytes.describe("Its size."),
      }),
    )
    .describe("The files written, but for report.json itself."),
});

/** A report.json. */
export type Report = DeepReadonly<z.output<typeof reportSchema>>;

/** One group of a report. */
export type ReportGroup = DeepReadonly<z.output<typeof reportGroupSchema>>;
