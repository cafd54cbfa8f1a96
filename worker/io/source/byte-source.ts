/** Bytes of an object that something else stores: a file today. The one interface between readers and the world. */
import type { FileIdentity } from "../../core/raster/source-raster.ts";

export type ByteSource = {
  /** Size and version of the object; throws SourceError where it is missing or may not be read. */
  identify(href: string, signal: AbortSignal): Promise<FileIdentity>;
  /** Fills `target` with the bytes from `offset` on; throws SourceError, also where the object ends before. */
  read(href: string, offset: number, target: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};
