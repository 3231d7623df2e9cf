import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

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

const chunkBytes = 512 * 1024;
/** The end of what was read, by which a file shows that it is still the same. */
const memoryBytes = 4096;
/** A shorter file than this is not taken for the tail of the one before: two short logs may well begin alike. */
const leastReplayedBytes = 64 * 1024;

interface OpenFile {
  handle: FileHandle;
  inode: number;
  offset: number;
}

export function createLogTail({ path, sink, onProblem, pollMilliseconds = 50 }: LogTailOptions): LogTail {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const stopping = new AbortController();
  let file: OpenFile | undefined;
  let memory: Buffer = Buffer.alloc(0);
  let bytesOfFile = 0;
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
      const { ino, size } = await stat(path);
      if (file !== undefined && file.inode !== ino) {
        await drain(file);
        await file.handle.close();
        file = undefined;
      }
      file ??= await openNext(ino);
      if (size < file.offset || !(await isStillTheSame(file))) {
        await beginAnew(file);
      }
      const hasRead = await readChunk(file);
      report(undefined);
      return hasRead;
    } catch (error) {
      report(describe(error, path));
      return false;
    }
  };

  const openNext = async (inode: number): Promise<OpenFile> => {
    const opened = { handle: await open(path, "r"), inode, offset: 0 };
    if (memory.length > 0) {
      await beginAnew(opened);
    }
    return opened;
  };

  /** Rotation may leave the last part of the old file in the new one: go on behind it. */
  const beginAnew = async (opened: OpenFile): Promise<void> => {
    opened.offset = bytesOfFile >= leastReplayedBytes ? await findEndOf(memory, opened.handle) : 0;
    bytesOfFile = opened.offset;
    if (opened.offset === 0) {
      sink.endLine();
      memory = Buffer.alloc(0);
    }
  };

  /** A file that was truncated and has grown beyond our place since shows other bytes before it. */
  const isStillTheSame = async ({ handle, offset }: OpenFile): Promise<boolean> => {
    const known = memory.subarray(-Math.min(64, offset));
    if (known.length === 0) {
      return true;
    }
    const { bytesRead, buffer: before } = await handle.read(
      Buffer.alloc(known.length),
      0,
      known.length,
      offset - known.length,
    );
    return bytesRead === known.length && before.equals(known);
  };

  const readChunk = async (opened: OpenFile): Promise<boolean> => {
    const { bytesRead } = await opened.handle.read(buffer, 0, chunkBytes, opened.offset);
    const chunk = buffer.subarray(0, bytesRead);
    opened.offset += bytesRead;
    bytesOfFile += bytesRead;
    memory = Buffer.from(Buffer.concat([memory, chunk.subarray(-memoryBytes)]).subarray(-memoryBytes));
    sink.feed(chunk);
    return bytesRead > 0;
  };

  const drain = async (opened: OpenFile): Promise<void> => {
    while (await readChunk(opened)) {
      // Until all that was written before the rotation is read.
    }
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

/** The offset behind `bytes` in a file, 0 where they are not in it. */
async function findEndOf(bytes: Buffer, handle: FileHandle): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let offset = 0; ; offset += chunkBytes - bytes.length) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, offset);
    const at = buffer.subarray(0, bytesRead).indexOf(bytes);
    if (at !== -1) {
      return offset + at + bytes.length;
    }
    if (bytesRead < chunkBytes) {
      return 0;
    }
  }
}

function describe(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") {
    return `${path} does not exist yet`;
  }
  return code === "EISDIR" ? `${path} is a directory, not a log file` : `${path} can't be read: ${error}`;
}
