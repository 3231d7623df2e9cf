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
