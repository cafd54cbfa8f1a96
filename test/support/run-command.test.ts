import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

import { descendants, runCommand } from "./run-command.ts";

describe("runCommand", () => {
  it("gives output, exit status and wall time", async () => {
    const result = await runCommand("sh", ["-c", "echo out; echo err >&2; exit 3"]);
    expect(result).toMatchObject({ status: 3, stdout: "out\n", stderr: "err\n" });
    expect(result.wallSeconds).toBeGreaterThan(0);
  });

  it("reports a death by signal as a shell does", async () => {
    expect((await runCommand("sh", ["-c", "kill -TERM $$"])).status).toBe(128 + 15);
  });

  it("sums the resident memory of the whole process tree", async () => {
    const fill = "const b = Buffer.alloc(100 << 20, 1); setTimeout(() => b, 1500)";
    const one = await runCommand(process.execPath, ["-e", fill]);
    const two = await runCommand("sh", ["-c", `"$0" -e "$1" & "$0" -e "$1"; wait`, process.execPath, fill]);
    expect(one.peakResidentBytes).toBeGreaterThan(100 << 20);
    expect(two.peakResidentBytes).toBeGreaterThan(one.peakResidentBytes * 1.7);
  });

  it("ends what a command leaves behind", async () => {
    const result = await runCommand("sh", ["-c", "sleep 60 >/dev/null 2>&1 & echo $!"]);
    const left = Number(result.stdout);
    await expect.poll(() => isRunning(left)).toBe(false);
  });

  it("hands its own signal on to the command", async () => {
    const script = `import { runCommand } from ${JSON.stringify(path.join(import.meta.dirname, "run-command.ts"))};
      await runCommand("sleep", ["60"], { onStart: (pid) => console.log(pid) });`;
    const outer = await runCommand(process.execPath, ["--input-type=module", "-e", script], {
      onStart: (pid) => setTimeout(() => process.kill(pid, "SIGTERM"), 700),
    });
    expect(outer.status).toBe(128 + 15);
    await expect.poll(() => isRunning(Number(outer.stdout))).toBe(false);
  });

  it("ends a command that takes too long", async () => {
    const result = await runCommand("sleep", ["60"], { timeoutSeconds: 0.2 });
    expect(result.status).toBe(128 + 9);
  });
});

it("descendants lists children and their children", async () => {
  let seen: number[] = [];
  const result = await runCommand("sh", ["-c", "sh -c 'sleep 1; true'; true"], {
    onStart: (pid) => setTimeout(() => (seen = descendants(pid)), 400),
  });
  expect(result.status).toBe(0);
  expect(seen.length).toBeGreaterThanOrEqual(2);
});

/** A killed process stays a zombie where nobody reaps it: that is not running. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false; // ENOENT: it is gone
  }
}
