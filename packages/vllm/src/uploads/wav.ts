/** Where the samples of a WAV file are, and how many bytes of them are played in a second. */
export interface Wav {
  bytesPerSecond: number;
  samples: Buffer;
}

const headerBytes = 12;
const chunkHeadBytes = 8;
const mostChunks = 64;

/** Undefined for what is no WAV file, or one whose header makes no sense. */
export function readWav(bytes: Buffer): Wav | undefined {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, headerBytes) !== "WAVE") {
    return undefined;
  }
  let bytesPerSecond = 0;
  let at = headerBytes;
  for (let chunk = 0; chunk < mostChunks && at + chunkHeadBytes <= bytes.length; chunk += 1) {
    const name = bytes.toString("latin1", at, at + 4);
    const start = at + chunkHeadBytes;
    const size = bytes.readUInt32LE(at + 4);
    if (name === "fmt " && start + headerBytes <= bytes.length) {
      bytesPerSecond = bytes.readUInt32LE(start + 8);
    }
    if (name === "data") {
      // A recorder that streams doesn't know the size when it writes it: what is there counts.
      const samples = bytes.subarray(start, size === 0 ? undefined : start + size);
      return bytesPerSecond > 0 && samples.length > 0 ? { bytesPerSecond, samples } : undefined;
    }
    at = start + size + (size % 2);
  }
  return undefined;
}
