/** So many common words in random order, which no cache has seen: a token each with any vocabulary, near enough. */
export const randomWords = (count: number): string => Array.from({ length: count }, randomWord).join(" ");

const randomWord = (): string => words[Math.floor(Math.random() * words.length)] ?? "word";

/** A token each and four letters long with the space before, so that the price by bytes is the price by tokens. */
const words = (
  "the of and to in is you that it he was for on are as with his they at be this from have or by one had not but what " +
  "all were we when your can said there use an each which she do how if will up other out many then them these so some " +
  "her would make like him into time has look two more go see no way could my than first been call who its now find " +
  "long down day did get come made may part over new sound take only work know year live me back give most very after"
).split(" ");
