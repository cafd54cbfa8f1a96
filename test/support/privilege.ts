/** Tests of what is forbidden, where the tests run as root, whom nothing is forbidden. */
import { spawnSync } from "node:child_process";

export const isRoot = process.getuid?.() === 0;

/** What comes before a command so that file permissions hold for it: root without the capabilities that pass over them (capabilities(7)). */
export const heldToPermissions: readonly string[] = isRoot ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"] : [];

/** Whether the above works here. */
export const permissionsHold =
  spawnSync("sh", ["-c", `${[...heldToPermissions, "test"].join(" ")} ! -w /proc/sys/kernel/ostype`]).status === 0;

const ownMounts = ["--mount", "--propagation", "private"];

/** Whether a file system can be mounted for one command alone: as root with the right to, which a container may not give. */
export const canMount = spawnSync("unshare", [...ownMounts, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

/** A command line that runs `script` by sh while a file system of so many KiB lies at `directory`, for it alone. */
export function onSmallDisk(directory: string, kibibytes: number, script: string): readonly [command: string, ...args: string[]] {
  return ["unshare", ...ownMounts, "sh", "-c", `mount -t tmpfs -o size=${kibibytes}k none "$0" && { ${script}\n}`, directory];
}
