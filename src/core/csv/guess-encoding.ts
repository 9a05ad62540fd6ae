/** The encoding of some lines of a file. */
import { readingOf } from "./encoding";
import { alternativesOf, doubtWarnings } from "./encoding-samples";
import type { CsvTable, Delimiter } from "./table";

export type EncodingGuess = Pick<CsvTable, "encoding" | "encoding_confidence" | "encoding_alternatives" | "warnings">;

/** As `readCsv` guesses it. */
export function guessEncoding(bytes: Uint8Array, delimiter: Delimiter): EncodingGuess {
  const reading = readingOf(bytes);
  const encoding_alternatives = alternativesOf(reading, delimiter);
  return {
    encoding: reading.encoding,
    encoding_confidence: reading.confidence,
    encoding_alternatives,
    warnings: doubtWarnings(reading, encoding_alternatives, delimiter),
  };
}
