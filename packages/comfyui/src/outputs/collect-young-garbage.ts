import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options: { type: "minor" }) => void;

let collect: Collect | undefined;

/**
 * Has V8 collect what has just become garbage, which takes it a few milliseconds. It counts a buffer as the few bytes of its
 * handle, and so lets some 60 MB of what was read and sent on gather before it looks. To be called after each few megabytes.
 */
export function collectYoungGarbage(): void {
  collect ??= findCollect();
  collect({ type: "minor" });
}

/** Node gives it to contexts that are made while the flag is set. */
function findCollect(): Collect {
  setFlagsFromString("--expose-gc");
  const found: Collect = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return found;
}
