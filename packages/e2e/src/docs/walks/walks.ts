import { appWalks } from "./app-walks.ts";
import { packageWalks } from "./package-walks.ts";
import { repositoryWalk } from "./repository-walk.ts";
import type { Walk } from "./walk.ts";

/** Every walk there is; a scenario runs those of its kind. */
export const walks: readonly Walk[] = [repositoryWalk, ...appWalks, ...packageWalks];
