import { afterAll } from "@jest/globals";

type CleanUp = () => Promise<unknown> | unknown;

/** What a test file starts it also stops: the last started first, when the file is done. */
export function createCleanUps(): (cleanUp: CleanUp) => void {
  const cleanUps: CleanUp[] = [];
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) {
      await cleanUp();
    }
  });
  return (cleanUp) => cleanUps.push(cleanUp);
}
