/** Why a file that a client names can't be had. The message says no more of a URL than its origin and path. */
export class InputFault extends Error {
  override readonly name = "InputFault";
}
