/** The model server's whole answer, as `respond` gets it. */
export interface ModelResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** The answer `respond` makes of it. A string or Buffer is sent as it is, anything else as JSON. */
export interface ClientResponse {
  status?: number;
  headers?: Readonly<Record<string, string | string[]>>;
  body: unknown;
}
