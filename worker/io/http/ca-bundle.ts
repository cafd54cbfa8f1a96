/**
 * Certificate authorities beside Node's own, by the variables that scientists set for curl, GDAL, requests and the AWS tools. Node itself reads
 * NODE_EXTRA_CA_CERTS. The bundles are added to Node's list, for every TLS connection of the process.
 */
import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { RequestError } from "../../../runtime/errors.ts";

const VARIABLES = ["SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] as const;

/** Adds the bundles that `env` names; throws RequestError naming the variable whose file cannot be used. */
export function trustCaBundles(env: NodeJS.ProcessEnv): void {
  const files = new Map(VARIABLES.map((name) => [env[name] ?? "", name] as const).filter(([file]) => file !== ""));
  const certificates = [...files].flatMap(([file, name]) => readBundle(file, name));
  if (certificates.length === 0) return;
  setDefaultCACertificates([...new Set([...getCACertificates("default"), ...certificates])]);
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

function readBundle(file: string, name: string): readonly string[] {
  const todo = `correct or unset ${name}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new RequestError([{ what: `cannot read the CA bundle of ${name}`, where: file, todo }], cause);
  }
  const certificates = text.match(CERTIFICATE);
  if (!certificates) throw new RequestError([{ what: `the CA bundle of ${name} holds no PEM certificate`, where: file, todo }]);
  return certificates;
}
