import { countOr } from "../share.ts";

/** The pixels of a picture of size "WxH"; undefined for "auto", and for what is no size. */
export function pixelsOf(size: unknown): number | undefined {
  const [, width, height] = typeof size === "string" ? (/^(\d{1,6})x(\d{1,6})$/i.exec(size.trim()) ?? []) : [];
  const pixels = countOr(width, 0) * countOr(height, 0);
  return pixels > 0 ? pixels : undefined;
}
