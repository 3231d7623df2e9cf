const mebibyte = 1024 * 1024;

/** OpenAI's own limit for a file. */
export const mostBytesInFile = 25 * mebibyte;
/** All files of a request. */
export const mostBytesInRequest = 64 * mebibyte;
export const mostFilesInRequest = 16;
/** As much base64 as that is, with room for line breaks and the other fields. */
export const mostBytesInBody = 96 * mebibyte;

export const megabytes = (bytes: number): string => `${bytes / mebibyte} MiB`;
