/** Numbers for people. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `86.2 MiB`: binary units, three figures. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toPrecision(value >= 1000 ? 4 : 3)} ${UNITS[power]}`;
}

/** `1 min 5 s`, `4.2 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** The shortest decimal that is the same float32 again: `0.4371`, not 0.43709999322891235. */
export function formatFloat32(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** `1 day`, `2 days`, `0 days`: nouns that take an s. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
