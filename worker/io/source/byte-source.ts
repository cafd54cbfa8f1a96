/** Bytes of an object that something else stores: a file today. The one interface between readers and the world. */
import type { FileIdentity } from "../../core/raster/source-raster.ts";

export type ByteSource = {
  /** Size and version of the object; throws SourceError where it is missing or may not be read. */
  identify(href: string, signal: AbortSignal): Promise<FileIdentity>;
  /** Exactly `length` bytes from `offset`, in a buffer of their own; throws SourceError, also where the object ends before. */
  read(href: string, range: ByteRange, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
};

export type ByteRange = { readonly offset: number; readonly length: number };
