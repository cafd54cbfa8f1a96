/** Files in memory as a byte source, for tests that damage thousands of them. */
import { SourceError } from "../../runtime/errors.ts";
import type { ByteSource } from "../../worker/io/source/byte-source.ts";

/** One file, whatever it is called. */
export function memorySource(bytes: Uint8Array): ByteSource {
  const file = { sizeBytes: bytes.length, version: "1" };
  return {
    open: async (_href, headBytes) => ({ file, head: Uint8Array.from(bytes.subarray(0, headBytes)) }),
    read: async ({ href }, offset, target) => {
      if (offset + target.length > bytes.length) throw new SourceError({ href, what: "unexpected end of file", todo: "fetch it again" });
      target.set(bytes.subarray(offset, offset + target.length));
    },
    counters: () => ({ requests: 0, bytesRead: 0, retries: 0 }),
    close: async () => {},
  };
}
