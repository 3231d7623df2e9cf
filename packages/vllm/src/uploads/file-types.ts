/** What a route takes as a file: extensions and their content types. */
export type FileTypes = Readonly<Record<string, string>>;

export const audioTypes: FileTypes = {
  flac: "audio/flac",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  mp4: "audio/mp4",
  mpeg: "audio/mpeg",
  mpga: "audio/mpeg",
  ogg: "audio/ogg",
  wav: "audio/wav",
  webm: "audio/webm",
};

export const imageTypes: FileTypes = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp" };

export const videoTypes: FileTypes = { mp4: "video/mp4", mov: "video/quicktime", webm: "video/webm" };

export const maskTypes: FileTypes = { json: "application/json" };

/** The extension that a name ends in, in lower case. */
export const extensionOf = (filename: string): string => /\.([^.]*)$/.exec(filename)?.[1]?.toLowerCase() ?? "";

export const typeByName = (filename: string, types: FileTypes): string | undefined => {
  const extension = extensionOf(filename);
  return Object.hasOwn(types, extension) ? types[extension] : undefined;
};

/** Extensions, as a person reads them. */
export const listTypes = (types: FileTypes): string => Object.keys(types).join(", ");
