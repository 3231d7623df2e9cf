/** The milliseconds that a Retry-After header asks for, as seconds or as a date; `now` is Unix time in seconds. Undefined where it says nothing. */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") {
    return undefined;
  }
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(milliseconds, 0);
}
