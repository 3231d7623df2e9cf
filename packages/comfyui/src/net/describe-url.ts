/** A URL for messages and logs: origin and path. Query, fragment and credentials may be secrets. */
export function describeUrl(url: string | URL): string {
  const parsed = typeof url === "string" ? URL.parse(url) : url;
  return parsed === null ? "(no URL)" : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
