/** Files in memory as a byte source, for tests that damage thousands of them. */
import { SourceError } from "../../runtime/errors.ts";
import type { ByteSource } from "../../worker/io/source/byte-source.ts";

/** One file, whatever it is called. */
export function memorySource(file: Uint8Array): ByteSource {
  return {
    identify: async () => ({ sizeBytes: file.length, version: "1" }),
    read: async (href, offset, target) => {
      if (offset + target.length > file.length) throw new SourceError({ href, what: "unexpected end of file", todo: "fetch it again" });
      target.set(file.subarray(offset, offset + target.length));
    },
    close: async () => {},
  };
}
