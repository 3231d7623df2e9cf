import { FetchError } from "./fetch-error.ts";

/** A URL that may be asked; `from` is the one that redirects to it. Throws FetchError `refused`. Its host is the guard's affair. */
export function readUrl(text: string | URL, from?: URL): URL {
  const url = URL.parse(String(text), from?.href);
  if (url === null) {
    throw new FetchError("refused", "it is no URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new FetchError("refused", `only http and https are allowed, and not ${url.protocol.slice(0, -1)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new FetchError("refused", "a URL with a user name or password is not allowed");
  }
  if (from?.protocol === "https:" && url.protocol === "http:") {
    throw new FetchError("refused", "a redirect from https to http is not allowed");
  }
  return url;
}
