/** Bytes of objects that something else stores: files, http(s) servers, S3. The one interface between readers and the world. */
import type { FileIdentity } from "../../core/raster/source-raster.ts";

/** An object as it was when it was opened. */
export type SourceObject = { readonly href: string; readonly file: FileIdentity };

export type OpenedObject = { readonly file: FileIdentity; readonly head: Uint8Array<ArrayBuffer> };

/** Since the source was made. `requests` counts every try; of local files every read. */
export type SourceCounters = { readonly requests: number; readonly bytesRead: number; readonly retries: number };

export type ByteSource = {
  /**
   * Size and version of the object with its first `headBytes` bytes (all of a shorter one), in one request. Throws SourceError where it is missing or
   * may not be read.
   */
  open(href: string, headBytes: number, signal: AbortSignal): Promise<OpenedObject>;
  /** Fills `target` with the bytes from `offset` on. Throws SourceError, also where the object ends before, or is no longer the one that was opened. */
  read(object: SourceObject, offset: number, target: Uint8Array, signal: AbortSignal): Promise<void>;
  counters(): SourceCounters;
  close(): Promise<void>;
};
