import { Job, type JobListener } from "./job.ts";

/** The jobs that can be asked about: those under way, and for a while those that have ended. */
export interface JobStore {
  /** Undefined where a job of this id is under way. */
  add(id: string, listener?: JobListener): Job | undefined;
  find(id: string): Job | undefined;
  /** How many are under way. */
  readonly underWay: number;
  /** How many of these came before a job. */
  ahead(job: Job): number;
}

interface JobStoreOptions {
  /** How long the outcome of a job is kept. */
  keepSeconds: number;
  /** How many outcomes are kept at most, whatever their age. */
  keepJobs?: number;
  /** How many characters of base64, or bytes of an answer, they may hold together. */
  keepCharacters?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export function createJobStore({
  keepSeconds,
  keepJobs = 1000,
  keepCharacters = 256 * 1024 * 1024,
  now = Date.now,
}: JobStoreOptions): JobStore {
  // In the order in which they came; those that have ended, in the order in which they did.
  const underWay = new Map<string, Job>();
  const ended = new Map<string, { job: Job; endedAt: number; characters: number }>();
  let characters = 0;

  const forget = (id: string): void => {
    characters -= ended.get(id)?.characters ?? 0;
    ended.delete(id);
  };
  const forgetOld = (): void => {
    for (const [id, { endedAt }] of ended) {
      const isKept = ended.size <= keepJobs && characters <= keepCharacters && now() - endedAt < keepSeconds * 1000;
      if (isKept) {
        return;
      }
      forget(id);
    }
  };
  const keep = (job: Job): void => {
    underWay.delete(job.id);
    const size = job.result.output.reduce((sum, { data }) => sum + (data?.length ?? 0), job.outcome?.body?.length ?? 0);
    ended.set(job.id, { job, endedAt: now(), characters: size });
    characters += size;
    forgetOld();
  };
  return {
    add: (id, listener) => {
      if (underWay.has(id)) {
        return undefined;
      }
      forget(id);
      const job = new Job(id, { now, listener });
      underWay.set(id, job);
      void job.ended.then(() => keep(job));
      return job;
    },
    find: (id) => {
      forgetOld();
      return underWay.get(id) ?? ended.get(id)?.job;
    },
    get underWay() {
      return underWay.size;
    },
    ahead: (job) => [...underWay.values()].indexOf(job),
  };
}
