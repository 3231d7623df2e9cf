/** What a job tells of itself while it runs. */
export type JobProgress =
  /** ComfyUI has taken it; `promptId` is ComfyUI's own id. */
  | { kind: "started"; promptId: string }
  /** A node begins. `done` of `total` nodes are behind it, those from the cache among them. */
  | { kind: "node"; nodeId: string; classType: string; title?: string; done: number; total: number }
  /** A step of a node that counts them. */
  | { kind: "step"; nodeId: string; value: number; max: number; percentage: number; remainingSeconds?: number }
  /** A picture of what is being made. */
  | { kind: "preview"; nodeId?: string; mimetype: string; data: Buffer };
