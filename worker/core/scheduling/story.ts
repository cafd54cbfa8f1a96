/** What happened lately, line by line, so that an error about one key can tell that key's story. Fixed memory, whatever the number of keys. */
const LINES = 8192;

export class Story {
  readonly #lines: (string | undefined)[] = Array.from({ length: LINES });
  readonly #keys: (string | undefined)[] = Array.from({ length: LINES });
  #next = 0;

  /** Keeps a line about a key; the oldest line is forgotten. */
  tell(key: string, line: string): void {
    this.#keys[this.#next % LINES] = key;
    this.#lines[this.#next % LINES] = line;
    this.#next++;
  }

  /** The lines kept of a key, oldest first. */
  of(key: string): readonly string[] {
    const first = Math.max(0, this.#next - LINES);
    const found: string[] = [];
    for (let i = first; i < this.#next; i++) if (this.#keys[i % LINES] === key) found.push(this.#lines[i % LINES] ?? "");
    return found;
  }
}
