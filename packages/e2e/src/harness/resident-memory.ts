import { readFileSync } from "node:fs";

/** Resident memory of a process in bytes: what it has now, and the most it ever had. Needs Linux's /proc. */
function residentMemory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}

const sampleMilliseconds = 10;

/** By how many bytes the resident memory of a process grows, at most, while something is done. */
export async function memoryGrowth(pid: number, act: () => Promise<unknown>): Promise<number> {
  const before = residentMemory(pid);
  let most = before.now;
  const watch = setInterval(() => {
    most = Math.max(most, residentMemory(pid).now);
  }, sampleMilliseconds);
  try {
    await act();
  } finally {
    clearInterval(watch);
  }
  const { peak } = residentMemory(pid);
  // A peak from before says nothing; a new one is what no sample can have missed.
  return (peak > before.peak ? peak : most) - before.now;
}
