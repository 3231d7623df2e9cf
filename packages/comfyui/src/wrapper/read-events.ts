const newline = 0x0a;

/**
 * The data of server-sent events, one after the other, however the bytes are cut. Reads every byte once: a result with
 * its files in it is an event of many megabytes.
 */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  let data: string[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...pieces, chunk.subarray(start, end)])
        .toString()
        .replace(/\r$/, "");
      pieces = [];
      start = end + 1;
      if (line.startsWith("data:")) {
        data.push(line.slice("data:".length).replace(/^ /, ""));
      } else if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    }
    pieces.push(chunk.subarray(start));
  }
}
