/** Names that a manifest uses, as schemas. `invalid_format` messages made here are the "what to do" of the problem (issues.ts). */
import { z } from "zod";
import { refuse, repeated } from "./rules.ts";

/**
 * Longest name of a job or a cluster. A Service is `<cluster>-scheduler`, and a Service's name has at most 63 characters;
 * one more is kept in hand (DESIGN section 3 says 52).
 */
export const MAX_NAME_LENGTH = 52;

/**
 * A job's or a cluster's name: a DNS label of at most 52 characters that begins with a letter, since the name of the
 * scheduler's Service is made from it and RFC 1035 asks that of a Service.
 */
export const objectName = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, "use lower-case letters, digits and -, beginning with a letter and ending with a letter or digit");

/** The name of another Kubernetes object (a Secret, a PriorityClass): a DNS subdomain, at most 253 characters. */
export const referenceName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, "use lower-case letters, digits, - and .");

/** A namespace: a DNS label. */
export const namespaceName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "use lower-case letters, digits and -");

/** An index's name. It becomes part of file names (`ndvi_DJF.tif`), so the alphabet is small. */
export const indexName = z.string().regex(/^[a-z0-9_]{1,32}$/, "use 1 to 32 of the characters a-z, 0-9 and _");

/** A band: an asset key of the items or an alias of the product (`red`, `B4`, `SR_B4.TIF`). */
export const bandName = z.string().min(1).max(128);

/** A coordinate reference system by its EPSG code. Whether the code is known is for the planner to say. */
export const epsgCode = z.string().regex(/^EPSG:[0-9]{1,6}$/, "write it as EPSG:<code>, for example EPSG:32755");

/** Metadata that tells the API server, too, that no entry of a list occurs twice. */
const listIsSet = { "x-kubernetes-list-type": "set" };

/** A non-empty list of bands, none of them twice. */
export const bandList = z
  .array(bandName)
  .min(1)
  .max(64)
  .superRefine((bands, ctx) => {
    for (const band of repeated(bands)) {
      refuse(ctx, [], { what: `band "${band}" is listed twice`, todo: "list it once" });
    }
  })
  .meta(listIsSet);
