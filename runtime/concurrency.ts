/** Bounded concurrency. */

/** So many at a time; waiters go in the order in which they came. */
export type Semaphore = { acquire(): Promise<void>; release(): void };

export function createSemaphore(places: number): Semaphore {
  const waiting: (() => void)[] = [];
  let left = places;
  return {
    acquire() {
      if (left > 0) {
        left--;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else left++;
    },
  };
}

/** The results of `step` over all inputs, in order, with at most `limit` under way; rejects with the first error, and starts no more then. */
export async function mapConcurrently<T, R>(
  inputs: readonly T[],
  limit: number,
  step: (input: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next++;
      // `index` is in range, so the element is there.
      results[index] = await step(inputs[index] as T, index);
    }
  };
  const lanes = Array.from({ length: Math.min(limit, inputs.length) }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    next = inputs.length;
    await Promise.allSettled(lanes);
    throw error;
  }
  return results;
}
