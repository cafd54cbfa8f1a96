/** The same pixels give the same bytes, however the files that hold them are laid out. */
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { writeJob } from "../support/job.ts";
import { imageDigests, runJob } from "../support/mayfly.ts";
import { pythonIsReady, runScript } from "../support/python.ts";
import { scenes } from "../support/scenes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** A title and the flags of relayout.py. */
const layouts: readonly (readonly [string, ...string[]])[] = [
  ["tiles of 128, not compressed", "--tile", "128", "--compress", "none", "--predictor", "1"],
  ["tiles of 512, deflate", "--tile", "512", "--compress", "deflate", "--predictor", "1"],
  ["tiles of 64, deflate, predictor 2", "--tile", "64", "--compress", "deflate", "--predictor", "2"],
  ["tiles of 256, LZW", "--tile", "256", "--compress", "lzw", "--predictor", "1"],
  ["tiles of 256, LZW, predictor 2", "--tile", "256", "--compress", "lzw", "--predictor", "2"],
  ["strips of 7 rows, LZW, predictor 2", "--rows", "7", "--compress", "lzw", "--predictor", "2"],
  ["strips of 53 rows, deflate", "--rows", "53", "--compress", "deflate", "--predictor", "1"],
  ["strips of one row, not compressed", "--rows", "1", "--compress", "none", "--predictor", "1"],
  ["one strip, deflate, predictor 2", "--rows", "600", "--compress", "deflate", "--predictor", "2"],
  ["int32, deflate, predictor 2", "--tile", "128", "--compress", "deflate", "--predictor", "2", "--dtype", "int32"],
  ["uint32 in strips, LZW", "--rows", "16", "--compress", "lzw", "--predictor", "1", "--dtype", "uint32"],
  ["sparse tiles", "--tile", "64", "--compress", "deflate", "--predictor", "2", "--sparse"],
];

describe.skipIf(!pythonIsReady)("half a pixel off", () => {
  const work = temporaryDirectory();
  let directory: string;
  let want: Readonly<Record<string, string>>;

  async function digests(name: string, folder: string): Promise<Readonly<Record<string, string>>> {
    const out = path.join(work, `${name}-out`);
    await runJob(writeJob(work, name, { scenes: folder, chunk: 512 }), out);
    return imageDigests(out);
  }

  beforeAll(async () => {
    directory = await scenes({ size: 600, dates: 4, offsetMetres: 15 });
    want = await digests("tiles-of-256-deflate-predictor-2", directory);
  });

  it.each(layouts)("%s", async (title, ...flags) => {
    const name = title.toLowerCase().replaceAll(/\W+/g, "-");
    const result = await runScript("relayout.py", [directory, path.join(work, name), ...flags]);
    expect(result.stderr).toBe("");
    expect(await digests(name, path.join(work, name))).toEqual(want);
  });
});
