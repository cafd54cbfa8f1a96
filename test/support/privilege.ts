/** Tests of what is forbidden, where the tests run as root, whom nothing is forbidden. */
import { spawnSync } from "node:child_process";

export const isRoot = process.getuid?.() === 0;

/** What comes before a command so that file permissions hold for it: root without the capabilities that pass over them (capabilities(7)). */
export const heldToPermissions: readonly string[] = isRoot ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"] : [];

/** Whether the above works here. */
export const permissionsHold =
  spawnSync("sh", ["-c", `${[...heldToPermissions, "test"].join(" ")} ! -w /proc/sys/kernel/ostype`]).status === 0;

const ownMounts = ["unshare", "--mount", "--propagation", "private"];

/** Whether a file system can be mounted for one command alone: as root with the right to, which a container may not give. */
export const canMount = isRoot && spawnSync("unshare", [...ownMounts.slice(1), "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

/**
 * What comes before a shell command line (and its `$0`, `$1`...) so that a file system of `bytes` lies at `directory` for it alone.
 */
export function onSmallDisk(directory: string, bytes: number): readonly string[] {
  return [...ownMounts, "sh", "-c", `mount -t tmpfs -o size=${bytes} none '${directory}' && exec "$@"`, "sh"];
}
