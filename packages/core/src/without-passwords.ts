/** A text in which URLs have lost their user name and password. */
export const withoutPasswords = (text: string): string => text.replace(/(?<=:\/\/)[^\s/@]+@/g, "");
