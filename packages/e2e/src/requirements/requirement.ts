/** One thing that a worker must do. */
export interface Requirement {
  id: string;
  behaviour: string;
  /** Where it is written: a section of docs/wire-protocol.md, or a row of the table of faults or defects. */
  source: string;
}
