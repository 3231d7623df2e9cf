const sampleRate = 16_000;
const headerBytes = 44;

/** Silence of so many seconds: RIFF, 16 bits, one channel. */
export function silentWav(seconds: number): Buffer {
  const dataBytes = Math.round(seconds * sampleRate) * 2;
  const wav = Buffer.alloc(headerBytes + dataBytes);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(dataBytes, 40);
  return wav;
}

/** The length of a recording: a WAV's by its header, any other's by a guess from its size. */
export function secondsOf(bytes: Buffer): number {
  const isWav = bytes.length > headerBytes && bytes.toString("latin1", 0, 4) === "RIFF";
  return (bytes.length - (isWav ? headerBytes : 0)) / (isWav ? bytes.readUInt32LE(28) : sampleRate);
}
