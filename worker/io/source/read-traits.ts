/** How far reading ahead and joining pays, by where the bytes are. Numbers by `npm run bench`, rows aligned and http. */
import { isUrl } from "../../../runtime/redact-url.ts";
import type { JoinRule } from "../../core/execution/source-blocks.ts";

/** Requests under way at once over the network, for one process. */
export const REMOTE_READS_AT_ONCE = 32;

export type ReadTraits = {
  /** A longer gap costs more to read than another request. */
  readonly joinRule: JoinRule;
  /** Stored blocks asked for before their turn. */
  readonly readAheadBytes: number;
};

const MIB = 1024 * 1024;

const LOCAL: ReadTraits = { joinRule: { joinGapBytes: 64 * 1024, maxLoadBytes: MIB }, readAheadBytes: 8 * MIB };

/**
 * At 40 ms to the first byte and 100 MB/s, another request takes as long as 4 MB more; but it waits beside others, so a gap that long would cost more
 * than it saves. 24 MiB ahead hide 40 ms at the speed of two cores; 96 MiB are no faster.
 */
const REMOTE: ReadTraits = { joinRule: { joinGapBytes: 256 * 1024, maxLoadBytes: 4 * MIB }, readAheadBytes: 32 * MIB };

/** Of a job that reads these files. */
export function readTraits(hrefs: readonly string[]): ReadTraits {
  return hrefs.some(isUrl) ? REMOTE : LOCAL;
}
