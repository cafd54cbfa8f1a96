/** Manifests as YAML text. */
import { stringify } from "yaml";

/** YAML 1.1's quoting, so that dates and words such as "off" stay strings for every reader, kubectl's too. */
export function yamlText(manifest: object): string {
  return stringify(manifest, { version: "1.1", flowCollectionPadding: false, lineWidth: 0 });
}
