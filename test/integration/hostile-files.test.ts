/**
 * Files that were made to break readers (test/fixtures/hostile), each as the red band of a scene in a real job: exit status 1, one line that names
 * file and cause, within seconds and in bounded memory. None of them has a place on Earth, so that none can give an image.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { changeItems, copyExample } from "../support/example.ts";
import { mayfly } from "../support/mayfly.ts";
import { projectRoot } from "../support/project.ts";
import { type RangeServer, startRangeServer } from "../support/range-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const hostile = path.join(projectRoot, "test/fixtures/hostile");
const files = readdirSync(hostile).filter((name) => name !== "MANIFEST.tsv");

let server: RangeServer;
beforeAll(async () => {
  server = await startRangeServer({ directory: hostile });
});
afterAll(() => server.close());

/** How a file comes to the job. */
const sources: readonly { readonly name: string; readonly href: (file: string) => string }[] = [
  { name: "a local file", href: (file) => path.join(hostile, file) },
  { name: "an http server", href: (file) => `${server.url}/${file}` },
];

const MOST_SECONDS = 5;
const MOST_BYTES = 300 * 2 ** 20;

/** As many commands at once as there are cores on a small machine. */
const AT_ONCE = 2;

const work = temporaryDirectory();

describe.each(sources)("mayfly run with a hostile red band from $name", ({ name, href }) => {
  it("has hostile files to run with", () => {
    expect(files.length).toBe(68);
  });

  it.each(batches(files, AT_ONCE))("%s and %s", async (...batch) => {
    await Promise.all(batch.map(async (file) => expectNamed(path.join(work, name, file), href(file))));
  });
});

/** The job must end in one line about the file. */
async function expectNamed(directory: string, href: string): Promise<void> {
  const job = copyExample(directory);
  changeItems(job, (items) => {
    const red = items[0]?.assets["red"];
    if (!red) throw new Error("The example's first item has no red band");
    red.href = href;
  });
  const out = path.join(directory, "out");
  const { status, stdout, stderr, wallSeconds, peakResidentBytes } = await mayfly(["run", job, "--out", out, "--progress", "none"]);
  expect({ status, stdout, lines: stderr.trimEnd().split("\n").length }, stderr).toEqual({ status: 1, stdout: "", lines: 1 });
  expect(stderr).toMatch(/^error: \S.*: \S/);
  expect(stderr).toContain(`: ${href}: `);
  expect(wallSeconds).toBeLessThan(MOST_SECONDS);
  expect(peakResidentBytes).toBeLessThan(MOST_BYTES);
}

function batches(names: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, i) => names.slice(i * size, (i + 1) * size));
}
