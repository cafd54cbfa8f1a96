/** What a person types: commands, options, exit statuses. The commands are loaded when used, so that `--help` and errors are quick. */
import { Command, CommanderError, Option } from "commander";
import { errorLine, MayflyError } from "../runtime/errors.ts";
import { VERSION } from "../runtime/version.ts";
import type { JobOptions } from "./job-options.ts";

/** Exit status: 0 done, 1 the job failed, 2 the request was wrong, 128 + n ended by signal n. */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("mayfly");
  program
    .description("Seasonal NDVI over a year of Landsat, far larger than memory: plan it, run it here, or on a cluster.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(true);
  let status = 0;
  jobCommand(program, "plan", "print the bill of a job before anything is computed: sizes, groups, requests, memory").action(
    async (job: string, options: JobOptions) => {
      const { planCommand } = await import("./commands/plan.ts");
      await planCommand(job, options);
    },
  );
  jobCommand(program, "run", "compute a job on this machine")
    .option("--out <dir>", "where the result goes (default: output.url of the job, if it is a directory)")
    .option("--threads <n>", "threads that compute (default: the CPUs of this process's cgroup)", wholeNumber)
    .addOption(new Option("--progress <kind>", "how progress is shown").choices(["auto", "plain", "json", "none"]).default("auto"))
    .option("--overwrite", "replace another Mayfly result in the output; files that are not Mayfly's are never replaced", false)
    .action(async (job: string, options: JobOptions) => {
      const { runCommand } = await import("./commands/run.ts");
      status = await runCommand(job, options as Parameters<typeof runCommand>[1]); // commander gives what was declared above
    });
  jobCommand(program, "explain", "show how one pixel of a result comes about: items, stored numbers, flags, kept or why not, day by day")
    .option("--at <lon,lat>", "a place in degrees, as -73.97,40.78", place)
    .option("--pixel <row,col>", "or a pixel of the output grid; 0,0 is north-west", pixel)
    .action(async (job: string, options: JobOptions) => {
      const { explainCommand } = await import("./commands/explain.ts");
      await explainCommand(job, options);
    });
  jobCommand(program, "convert", "print the canonical manifest of a job").action(async (job: string, options: JobOptions) => {
    const { convertCommand } = await import("./commands/convert.ts");
    await convertCommand(job, options);
  });
  if (argv.length === 0) {
    process.stderr.write(`${program.helpInformation()}\nerror: no command: mayfly: give one of those above\n`);
    return 2;
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return status;
  } catch (error) {
    return report(error, argv.includes("--verbose"));
  }
}

function jobCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("<JOB.yaml>", "a ComputeJob manifest")
    .option(
      "--set <path=value>",
      "set a field of the manifest, as spec.region.buffer=0.05 (repeatable)",
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option("--json", "print JSON for machines", false)
    .option("--verbose", "print more, and the stack of an error", false);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 256) return value;
  throw usageError("mayfly.threads", `not a number of threads: ${JSON.stringify(text)}: --threads: give a whole number from 1 to 256`);
}

function place(text: string): { readonly lon: number; readonly lat: number } {
  const [lon, lat] = numberPair(text);
  if (lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) return { lon, lat };
  throw usageError("mayfly.at", `not a place: ${JSON.stringify(text)}: give --at LON,LAT in degrees, as --at -73.97,40.78`);
}

function pixel(text: string): { readonly row: number; readonly col: number } {
  const [row, col] = numberPair(text);
  if (row !== undefined && col !== undefined && Number.isSafeInteger(row) && Number.isSafeInteger(col)) return { row, col };
  throw usageError("mayfly.pixel", `not a pixel: ${JSON.stringify(text)}: give --pixel ROW,COL in whole numbers, as --pixel 0,17`);
}

/** Two plain decimal numbers with a comma between; nothing else has numbers. */
function numberPair(text: string): readonly number[] {
  const parts = text.split(",").map((part) => part.trim());
  return parts.length === 2 && parts.every((part) => /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(part)) ? parts.map(Number) : [];
}

function usageError(code: string, message: string): CommanderError {
  return new CommanderError(2, code, `error: ${message}`);
}

function report(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) {
    // Help and version were asked for and printed.
    if (error.exitCode === 0) return 0;
    process.stderr.write(`${usageLine(error)}\n`);
    return 2;
  }
  if (error instanceof MayflyError) {
    for (const problem of error.problems) process.stderr.write(`error: ${errorLine(problem).replaceAll(/\s*\n\s*/g, " ")}\n`);
    if (verbose) process.stderr.write(`${withCauses(error)}\n`);
    return error.exitStatus;
  }
  process.stderr.write(
    `error: a fault in mayfly: ${error instanceof Error ? error.message : String(error)}: please report it with the output of --verbose\n`,
  );
  if (verbose) process.stderr.write(`${withCauses(error)}\n`);
  return 1;
}

/** One line in the contract's form: commander's own message, and where to look. */
function usageLine(error: CommanderError): string {
  if (error.code === "commander.help") return "error: no command: mayfly: see mayfly --help";
  const message = error.message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
  return message.split(": ").length >= 3 ? `error: ${message}` : `error: ${message}: mayfly: see mayfly --help`;
}

function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${withCauses(error.cause)}`;
}

// A reader that has seen enough (`mayfly plan JOB | head`) is no fault, and ends no run; a full disk behind stdout is one.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`error: cannot write (${error.code ?? error.message}): standard output: make room, or send it elsewhere\n`);
  process.exit(1); // what was to be said cannot be
});
// There is nowhere left to say it.
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exit(1);
});

// At once: while Node takes itself apart, which it does at an end that just comes, a signal would count again though the result is told.
// Pipes and files are written by then: those are synchronous on Linux.
process.exit(await main(process.argv.slice(2)));
