/** A directory of a test file's own, taken away when its tests end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** Call at the top of a test file or a describe block. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "mayfly-test-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
