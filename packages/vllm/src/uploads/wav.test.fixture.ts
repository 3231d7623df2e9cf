interface WavFields {
  bytesPerSecond?: number;
  /** What the header says; the samples may be more or less. */
  size?: number;
  samples: Buffer;
  /** Chunks between the format and the samples. */
  chunks?: Buffer;
}

/** A WAV file of one channel. */
export function wavFile({ bytesPerSecond = 100, chunks = Buffer.alloc(0), samples, size }: WavFields): Buffer {
  const header = Buffer.from("RIFF0000WAVEfmt 0000ffccrrrrbbbbaass", "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt32LE(bytesPerSecond, 28);
  const data = Buffer.from("data0000", "latin1");
  data.writeUInt32LE(size ?? samples.length, 4);
  return Buffer.concat([header, chunks, data, samples]);
}
