/** Which of an asset's hrefs is read (decision 0013): its own, or the one on S3. Paying is never begun unasked. */
import { ok, problem, type Result } from "../../../api/v1alpha1/problem.ts";
import type { SourceS3 } from "../../../api/v1alpha1/source.ts";
import type { StacAsset } from "./stac-item.ts";

/**
 * The S3 alternate where the job says how S3 is read (`spec.source.s3`), or where the asset's own href answers with a login page; else the
 * href itself. A bucket whose reader pays wants `requesterPays: true` in the job. `where` names the item.
 */
export function chooseHref(asset: StacAsset, s3: SourceS3 | undefined, where: string): Result<string> {
  const alternate = isS3(asset.href) || !(s3 !== undefined || asset.needsLogin) ? undefined : asset.s3;
  const { href, requesterPays } = alternate ?? asset;
  if (isS3(href)) return requesterPays && s3?.requesterPays !== true ? unpaid(href, asset, where) : ok(href);
  if (!asset.needsLogin) return ok(href);
  return problem(`${hostOf(href)} wants a login`, where, "use items whose assets have an s3 alternate, or another catalogue");
}

function unpaid(href: string, asset: StacAsset, where: string): Result<string> {
  const bucket = /^s3:\/\/[^/]*/i.exec(href)?.[0] ?? "s3://";
  const why = asset.needsLogin ? ` (${hostOf(asset.href)} wants a login)` : "";
  const todo = "set spec.source.s3.requesterPays: true, with credentials whose account is billed";
  return problem(`the reader pays for ${bucket}${why}`, where, todo);
}

function isS3(href: string): boolean {
  return /^s3:\/\//i.test(href);
}

function hostOf(href: string): string {
  return /^[a-z]+:\/\/(?:[^/@]*@)?([^/:?#]*)/i.exec(href)?.[1] ?? "its host";
}
