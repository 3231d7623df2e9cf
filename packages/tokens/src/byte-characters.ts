/** The characters by which byte-level vocabularies write bytes: printable ones stand for themselves, the rest follow from U+0100. */
export const byteCharacters: readonly string[] = makeByteCharacters();

const bytes = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** The bytes of a token, in base64; undefined where it holds a character that stands for none. */
export function tokenBytes(token: string): string | undefined {
  const decoded = Buffer.allocUnsafe(token.length);
  for (let index = 0; index < token.length; index += 1) {
    const byte = bytes.get(token.charAt(index));
    if (byte === undefined) {
      return undefined;
    }
    decoded[index] = byte;
  }
  return decoded.toString("base64");
}

function makeByteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    if (isPrintable) {
      return String.fromCharCode(byte);
    }
    next += 1;
    return String.fromCharCode(next - 1);
  });
}
