import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../reason-of.ts";

/** Takes a live file's bytes in order. */
export interface LogSink {
  feed(chunk: Buffer): void;
  /** The writer has paused. */
  flush(): void;
  /** The file has begun anew: what came last is no longer the beginning of what comes next. */
  endLine(): void;
}

/** Follows a log file: late, rotated, truncated, or replaced by its own tail, no byte is lost or read twice. */
export interface LogTail {
  start(): void;
  /** Resolves when the file is closed. */
  stop(): Promise<void>;
}

interface LogTailOptions {
  path: string;
  sink: LogSink;
  /** Called when the file can't be read, once for each reason; undefined when it can again. */
  onProblem(reason: string | undefined): void;
  pollMilliseconds?: number;
}

/** Small enough that matching one holds nobody up. */
const chunkBytes = 128 * 1024;
/** The end of what was read, by which a file shows that it is still the same. */
const memoryBytes = 4096;
/** Where less was read, a file that holds the same is not taken for its own tail: two short logs may well begin alike. */
const leastReplayedBytes = 64 * 1024;
/** Polls to wait for a new file to stand still, before it is taken for another one than the old file's tail. */
const mostPollsToSettle = 10;

interface OpenFile {
  handle: FileHandle;
  inode: number;
}

export function createLogTail({ path, sink, onProblem, pollMilliseconds = 50 }: LogTailOptions): LogTail {
  const buffer = Buffer.allocUnsafe(memoryBytes + chunkBytes);
  const stopping = new AbortController();
  let file: OpenFile | undefined;
  /** Where to go on in the file of this inode. */
  let place = { inode: 0, offset: 0 };
  /** The bytes before the offset. */
  let memory: Buffer = Buffer.alloc(0);
  /** Read since the file began. */
  let bytesOfFile = 0;
  let settling = { size: 0, polls: 0 };
  let problem: string | undefined;
  let done = Promise.resolve();

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const hasRead = await poll();
      if (!hasRead) {
        sink.flush();
        await sleep(pollMilliseconds, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      }
    }
    await file?.handle.close();
  };

  const poll = async (): Promise<boolean> => {
    try {
      // First the file that is open, wherever its name is now: its writer may not have noticed the rotation yet.
      if (file !== undefined && (await readChunk(file))) {
        return true;
      }
      const { ino, size } = await statFile(path);
      const isReplaced = file !== undefined && file.inode !== ino && size > 0;
      if (file !== undefined && isReplaced) {
        await drain(file);
        await file.handle.close();
        file = undefined;
      }
      const isOpened = file === undefined;
      file ??= await openNext();
      report(undefined);
      return isOpened;
    } catch (error) {
      report(describe(error, path));
      return false;
    }
  };

  const openNext = async (): Promise<OpenFile> => {
    const handle = await open(path, "r");
    try {
      // Asked of the open file, not of its name, which may be another's by now.
      const { ino: inode } = await handle.stat();
      const opened = { handle, inode };
      if (inode !== place.inode) {
        place = { inode, offset: place.offset };
        await beginAnew(opened);
      }
      return opened;
    } catch (error) {
      await handle.close();
      throw error;
    }
  };

  /**
   * Reads on behind what was read, of which the last bytes are read again: a file that was truncated, and may have grown
   * beyond our place since, shows others there.
   */
  const readChunk = async (opened: OpenFile): Promise<boolean> => {
    const bytesRead = await readAt(opened, place.offset - memory.length);
    if (bytesRead < memory.length || !buffer.subarray(0, memory.length).equals(memory)) {
      return beginAnew(opened);
    }
    const chunk = buffer.subarray(memory.length, bytesRead);
    if (chunk.length === 0) {
      return false;
    }
    place.offset += chunk.length;
    bytesOfFile += chunk.length;
    memory = Buffer.from(buffer.subarray(Math.max(0, bytesRead - memoryBytes), bytesRead));
    sink.feed(chunk);
    return true;
  };

  const readAt = async (opened: OpenFile, position: number): Promise<number> => {
    try {
      return (await opened.handle.read(buffer, 0, buffer.length, position)).bytesRead;
    } catch (error) {
      file = undefined;
      await opened.handle.close();
      throw error;
    }
  };

  const drain = async (opened: OpenFile): Promise<void> => {
    while (await readChunk(opened)) {
      // Until all that was written before the rotation is read.
    }
  };

  /** Finds the place to read from in a file that is not the one we knew. False while that can't be told yet. */
  const beginAnew = async ({ handle }: OpenFile): Promise<boolean> => {
    if (bytesOfFile >= leastReplayedBytes) {
      // Rotation may leave the last part of the old file in the new one: go on behind it.
      const end = await findEndOf(memory, handle);
      if (end === undefined && !(await isSettled(handle))) {
        return false;
      }
      settling = { size: 0, polls: 0 };
      if (end !== undefined) {
        place.offset = end;
        return true;
      }
    }
    place.offset = 0;
    bytesOfFile = 0;
    memory = Buffer.alloc(0);
    sink.endLine();
    return true;
  };

  /** Whether a file has stopped growing. One that is being replaced by its tail in place is empty first, then half written. */
  const isSettled = async (handle: FileHandle): Promise<boolean> => {
    const { size } = await handle.stat();
    const isStill = size > 0 && (size === settling.size || settling.polls >= mostPollsToSettle);
    settling = { size, polls: settling.polls + (size > 0 ? 1 : 0) };
    return isStill;
  };

  const report = (reason: string | undefined): void => {
    if (reason !== problem) {
      problem = reason;
      onProblem(reason);
    }
  };

  return {
    start: () => {
      done = follow();
    },
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

/** The offset behind `bytes` in a file, where they are in it. */
async function findEndOf(bytes: Buffer, handle: FileHandle): Promise<number | undefined> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let offset = 0; ; offset += chunkBytes - bytes.length) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, offset);
    const at = buffer.subarray(0, bytesRead).indexOf(bytes);
    if (at !== -1) {
      return offset + at + bytes.length;
    }
    if (bytesRead < chunkBytes) {
      return undefined;
    }
  }
}

class NotAFile extends Error {}

async function statFile(path: string): Promise<{ ino: number; size: number }> {
  const found = await stat(path);
  if (!found.isFile()) {
    throw new NotAFile(`${path} is ${found.isDirectory() ? "a directory" : "a device or a pipe"}, not a log file`);
  }
  return found;
}

function describe(error: unknown, path: string): string {
  if (error instanceof NotAFile) {
    return error.message;
  }
  const isMissing = typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
  return isMissing ? `${path} does not exist yet` : `${path} can't be read: ${reasonOf(error)}`;
}
