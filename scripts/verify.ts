/**
 * `npm run verify`: makes again all that is generated and committed, then fails if git sees a difference there. A generator
 * is listed here in the same commit as the first file it writes.
 */
import { projectRoot } from "../test/support/project.ts";
import { runCommand } from "../test/support/run-command.ts";

/** `args` are run by the project's Node; `writes` are the paths that it alone may change. */
type Generator = { readonly name: string; readonly args: readonly string[]; readonly writes: readonly string[] };

const generators: readonly Generator[] = [];

for (const { name, args, writes } of generators) {
  const made = await runCommand(process.execPath, args, { cwd: projectRoot });
  if (made.status !== 0) fail(`${name} could not be generated`, made.stdout + made.stderr);
  // --porcelain shows new files too, which `git diff` does not
  const seen = await runCommand("git", ["status", "--porcelain", "--", ...writes], { cwd: projectRoot });
  if (seen.status !== 0) fail("git could not compare", seen.stderr);
  if (seen.stdout) fail(`${name} is not what its generator writes: commit the result of \`npm run verify\``, seen.stdout);
  console.log(`ok     ${name}`);
}
console.log(`${generators.length} generators, nothing differs`);

function fail(what: string, detail: string): never {
  process.stderr.write(`error: ${what}\n${detail}\n`);
  process.exit(1);
}
