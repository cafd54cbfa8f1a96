/** STAC APIs of other people, on loopback over an item list: rustac's server, and stac-fastapi's routes (test/parity/python/stac_api.py). */
import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { projectRoot } from "./project.ts";
import { toolPath } from "./python.ts";

export type StartedApi = { readonly url: string; close(): Promise<void> };

const startSeconds = 60;

/** `rustac serve`: POST with paging by `skip`. (Seen with 0.9.18: GET with a bbox answers 500.) */
export async function startRustac(items: string): Promise<StartedApi> {
  const address = `127.0.0.1:${await freePort()}`;
  return started([toolPath("rustac"), "serve", items, "--create-collections", "--addr", address], () => `http://${address}`);
}

/** stac-fastapi with the items in memory, ten a page unless asked otherwise. `onlyGet`: it offers no search by POST. */
export async function startStacFastApi(items: string, onlyGet: boolean): Promise<StartedApi> {
  const script = path.join(projectRoot, "test/parity/python/stac_api.py");
  const command = [toolPath("python"), script, items, "--page", "5", ...(onlyGet ? ["--only-get"] : [])];
  return started(command, (stdout) => /^(http:\S+)\n/m.exec(stdout)?.[1]);
}

/** Waits until the server answers; throws with what it said where it ends or stays silent. */
async function started(command: readonly string[], addressIn: (stdout: string) => string | undefined): Promise<StartedApi> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  let [stdout, said] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
  for (const deadline = Date.now() + startSeconds * 1000; Date.now() < deadline && child.exitCode === null; await sleep(50)) {
    const url = addressIn(stdout);
    if (url !== undefined && (await answers(url))) return { url, close };
  }
  await close();
  throw new Error(`${command.join(" ")} does not serve: ${said}`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false, // not listening yet
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
