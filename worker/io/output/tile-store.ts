/**
 * Finished blocks on their way to the COGs, under `<output>/.mayfly/<job hash>/`: one append-only file for each index and group. Everything that must
 * not be held in memory until the end is here; the folder goes when the job ends, either way.
 */
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "./output-errors.ts";

/** Bytes in a spool. */
export type Stored = { readonly offset: number; readonly length: number };

/** An append-only file of blocks. */
export type Spool = {
  append(bytes: Uint8Array): Promise<Stored>;
  /** Fills `target`, which is as long as what was stored. */
  readInto(stored: Stored, target: Uint8Array): Promise<void>;
  /** Closes the file and removes it; done twice, the second does nothing. */
  remove(): Promise<void>;
};

export type TileStore = {
  /** Folder for files that are renamed into the output at the end. */
  readonly folder: string;
  spool(name: string): Promise<Spool>;
  /** Removes the folder, and what is open in it. */
  remove(): Promise<void>;
};

/** The name of the folder in an output directory that holds unfinished work. */
export const WORK_FOLDER = ".mayfly";

/** Makes the folder, empty, in an output that is locked; throws OutputError where it cannot be. */
export async function createTileStore(outputFolder: string, jobHash: string): Promise<TileStore> {
  const folder = join(outputFolder, WORK_FOLDER, jobHash);
  await writing(folder, async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  });
  const spools: Spool[] = [];
  return {
    folder,
    async spool(name) {
      const path = join(folder, name);
      const spool = createSpool(path, await writing(path, () => open(path, "w+")));
      spools.push(spool);
      return spool;
    },
    async remove() {
      await Promise.allSettled(spools.splice(0).map((spool) => spool.remove()));
      await writing(folder, () => rm(folder, { recursive: true, force: true }));
    },
  };
}

function createSpool(path: string, handle: FileHandle): Spool {
  let end = 0;
  let open = true;

  async function readInto({ offset, length }: Stored, target: Uint8Array): Promise<void> {
    for (let done = 0; done < length;) {
      const { bytesRead } = await handle.read(target, done, length - done, offset + done);
      if (bytesRead === 0) throw new Error(`${path} ends before byte ${offset + length}`);
      done += bytesRead;
    }
  }

  return {
    async append(bytes) {
      const offset = end;
      end += bytes.length;
      await writing(path, async () => {
        for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
      });
      return { offset, length: bytes.length };
    },
    readInto,
    async remove() {
      if (!open) return;
      open = false;
      await handle.close();
      await rm(path, { force: true });
    },
  };
}
