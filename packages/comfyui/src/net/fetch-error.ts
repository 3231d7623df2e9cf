/** Why a guarded request came to nothing. */
export type FetchFault =
  /** A rule forbids it: scheme, credentials, address, downgrade, encoding. */
  | "refused"
  /** It redirects more often than allowed, or where redirects are not followed. */
  | "redirected"
  | "too_large"
  | "timed_out"
  /** No connection, or one that broke. */
  | "unreachable";

/** A guarded request that was refused or failed. Its message never holds the URL's query, which may be a secret. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly fault: FetchFault;

  constructor(fault: FetchFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
