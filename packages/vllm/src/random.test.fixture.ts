/** Random numbers from 0 to 1 that are the same in every run. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Cuts bytes anywhere, into chunks of 1 to `most` bytes. */
export function cutAnywhere(bytes: Buffer, { most, random }: { most: number; random: () => number }): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * most);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}
