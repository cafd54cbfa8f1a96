/** Local files as a {@link ByteSource}. Keeps a bounded number of them open, least recently used closed first. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { SourceError } from "../../../runtime/errors.ts";
import type { FileIdentity } from "../../core/raster/source-raster.ts";
import type { ByteSource } from "../source/byte-source.ts";

/** Well under the usual limit of 1,024 descriptors; a year of one path has some 180 files. */
const MAX_OPEN_FILES = 128;

type OpenFile = { readonly handle: Promise<FileHandle>; users: number };

/** A byte source of local paths. */
export function createFileSource(): ByteSource {
  const files = new Map<string, OpenFile>();

  function acquire(path: string): OpenFile {
    const file = files.get(path) ?? { handle: open(path, "r"), users: 0 };
    files.delete(path);
    files.set(path, file);
    file.users++;
    return file;
  }

  async function closeIdle(): Promise<void> {
    const idle = [...files].filter(([, file]) => file.users === 0).slice(0, Math.max(0, files.size - MAX_OPEN_FILES));
    for (const [path] of idle) files.delete(path);
    await Promise.all(idle.map(async ([, file]) => (await file.handle).close()));
  }

  let requests = 0;
  let bytesRead = 0;

  async function read(path: string, offset: number, target: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const file = acquire(path);
    requests++;
    bytesRead += target.length;
    try {
      await readExactly(await file.handle, path, offset, target);
    } catch (cause) {
      throw fileError(path, cause);
    } finally {
      file.users--;
      if (files.size > MAX_OPEN_FILES) await closeIdle();
    }
  }

  return {
    async open(path, headBytes, signal) {
      const file = await identify(path);
      const head = new Uint8Array(Math.min(headBytes, file.sizeBytes));
      await read(path, 0, head, signal);
      return { file, head };
    },
    read: ({ href }, offset, target, signal) => read(href, offset, target, signal),
    counters: () => ({ requests, bytesRead, retries: 0 }),
    async close() {
      const all = [...files.values()];
      files.clear();
      await Promise.allSettled(all.map(async (file) => (await file.handle).close()));
    },
  };
}

async function identify(path: string): Promise<FileIdentity> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new SourceError({ href: path, what: "not a file", todo: "give the path of a GeoTIFF" });
    return { sizeBytes: found.size, version: found.mtime.toISOString() };
  } catch (cause) {
    throw fileError(path, cause);
  }
}

async function readExactly(handle: FileHandle, path: string, offset: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, target.length - done, offset + done);
    if (bytesRead === 0) {
      const todo = `the file is truncated (bytes ${offset} to ${offset + target.length - 1} wanted); fetch it again`;
      throw new SourceError({ href: path, what: "unexpected end of file", todo });
    }
    done += bytesRead;
  }
}

const ADVICE: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  ENOENT: ["no such file", "check the item's href"],
  EACCES: ["permission denied", "make the file readable"],
  EISDIR: ["is a directory", "give the path of a GeoTIFF"],
  EMFILE: ["too many open files", "raise `ulimit -n`"],
};

function fileError(path: string, cause: unknown): unknown {
  if (cause instanceof SourceError || !(cause instanceof Error) || !("code" in cause)) return cause;
  const [what, todo] = ADVICE[String(cause.code)] ?? [`cannot read (${String(cause.code)})`, "check the file and its disk"];
  return new SourceError({ href: path, what, todo }, cause);
}
