/**
 * A real S3 server for tests: versitygw over a folder, on loopback, with one account. `go install` makes it once, outside the checkout. Before it a small
 * proxy of ours that refuses what a requester-pays bucket refuses, counts, and fails where a test wants it.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request as forward, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

import { cacheRoot, cachedDirectory } from "./project.ts";
import { runCommand } from "./run-command.ts";

const version = "v1.8.0";
const name = `versitygw-${version}`;

/** Whether the server is there. Tests that need it say `describe.skipIf(!s3ServerIsReady)`; `npm test` makes it. */
export const s3ServerIsReady = existsSync(path.join(cacheRoot, name, ".complete"));

/** Makes the server where it is missing; gives undefined, or why it could not be made. */
export async function makeS3Server(say: (line: string) => void): Promise<string | undefined> {
  try {
    await cachedDirectory(name, async (directory) => {
      say(`building the S3 server ${directory} (once)`);
      const env = { ...process.env, GOBIN: directory };
      const args = ["install", `github.com/versity/versitygw/cmd/versitygw@${version}`];
      const result = await runCommand("go", args, { env, timeoutSeconds: 900 });
      if (result.status !== 0) throw new Error(result.stderr.trim().split("\n").slice(-3).join(" "));
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The one account; variables as the SDK's chain reads them, and none of the caller's own. */
export const accountEnvironment = {
  AWS_ACCESS_KEY_ID: "AKIDMAYFLYTEST",
  AWS_SECRET_ACCESS_KEY: "not-a-secret",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
} as const;

/** This process's environment without its AWS account, with the test's. */
export function environmentWith(account: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bare = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("AWS_")));
  return { ...bare, ...account };
}

export type S3Server = {
  /** The endpoint. */
  readonly url: string;
  /** Puts every file of a directory under its name into a bucket of the same name as `bucket`. */
  putAll(directory: string, bucket: string): Promise<void>;
  close(): Promise<void>;
};

/** Starts one over an empty folder; the caller closes it. */
export async function startS3Server(folder: string, buckets: readonly string[]): Promise<S3Server> {
  for (const bucket of buckets) mkdirSync(path.join(folder, bucket), { recursive: true });
  const port = await freePort();
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = accountEnvironment;
  const env = { ...process.env, ROOT_ACCESS_KEY: AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: AWS_SECRET_ACCESS_KEY };
  const child = spawn(path.join(cacheRoot, name, "versitygw"), ["--port", `127.0.0.1:${port}`, "posix", folder], { env, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await untilListening(port, () => child.exitCode);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async putAll(directory, bucket) {
      const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
      const client = new S3Client({ endpoint: url, region: "us-east-1", forcePathStyle: true, credentials });
      for (const file of readdirSync(directory)) {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: file, Body: readFileSync(path.join(directory, file)) }));
      }
      client.destroy();
    },
    async close() {
      child.kill();
      await ended;
    },
  };
}

/** Seconds that the server may take to listen; it takes a tenth of one. */
const patience = 20;

async function untilListening(port: number, exitCode: () => number | null): Promise<void> {
  const deadline = performance.now() + patience * 1000;
  while (performance.now() < deadline && exitCode() === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await sleep(20);
  }
  throw new Error(`versitygw does not listen (exit status ${exitCode()})`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createTcpServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo; // it listens on a port
      server.close(() => resolve(port));
    });
  });
}

export type SeenS3Request = { readonly method: string; readonly path: string; readonly range: string | undefined };

/** `fault` answers in its own way and gives true, or leaves the request to the server; `nth`: how many times this path was asked before. */
export type S3Fault = (request: SeenS3Request & { readonly nth: number }, response: ServerResponse) => boolean;

export type RequesterPaysProxy = { readonly url: string; readonly seen: SeenS3Request[]; close(): Promise<void> };

/** Passes on to `target` the requests that have the requester-pays header, if `required`; others get S3's own refusal. */
export async function startRequesterPaysProxy(
  target: string,
  { required = true, fault }: { readonly required?: boolean; readonly fault?: S3Fault } = {},
): Promise<RequesterPaysProxy> {
  const seen: SeenS3Request[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", target);
    const asked = { method: request.method ?? "", path: pathname, range: request.headers.range };
    const nth = seen.filter((other) => other.path === pathname).length;
    seen.push(asked);
    if (fault?.({ ...asked, nth }, response)) return;
    if (required && request.headers["x-amz-request-payer"] !== "requester") return refuse(response);
    pass(request, response, target);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { "content-type": "application/xml" });
  response.end('<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
}

/** With all headers, Host too, which is signed. */
function pass(request: IncomingMessage, response: ServerResponse, target: string): void {
  const onward = forward(`${target}${request.url ?? "/"}`, { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
