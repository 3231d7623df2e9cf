import { loadingNodes } from "./loading-nodes.ts";
import { mediaNodes } from "./media-nodes.ts";
import type { NodeClass } from "./node-class.ts";
import { samplingNodes } from "./sampling-nodes.ts";
import { standInNodes } from "./stand-in-nodes.ts";

/** All nodes that it knows, by their class. */
export const nodeTable: ReadonlyMap<string, NodeClass> = new Map(
  Object.entries({ ...loadingNodes, ...samplingNodes, ...mediaNodes, ...standInNodes }),
);
