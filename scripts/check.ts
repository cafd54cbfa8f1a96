/** `npm run check [-- NAME...]`: format, lint, types, walls, dead code, unit tests; all of them, or the named ones. */
import { checks, passes, type Check } from "./checks.ts";

const unitTests: Check = { name: "unit", args: ["node_modules/vitest/vitest.mjs", "run", "--project", "unit"] };
const known = [...checks, unitTests];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.some((check) => check.name === name));
if (unknown.length > 0) {
  process.stderr.write(`error: no such check: ${unknown.join(", ")}: use ${known.map((check) => check.name).join(", ")}\n`);
  process.exit(2);
}

const failed: string[] = [];
for (const check of known) {
  if (asked.length > 0 && !asked.includes(check.name)) continue;
  if (!(await passes(check))) failed.push(check.name);
}
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(", ")}\n`);
  process.exit(1);
}
