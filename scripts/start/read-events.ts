/** The JSON events of an event stream; comments and `[DONE]` are none. */
export async function* readEvents<Event>(body: NonNullable<Response["body"]>): AsyncGenerator<Event> {
  let rest = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((text) => /^data: ?\{/.test(text))) {
      yield JSON.parse(line.slice("data:".length));
    }
  }
}
