/** What the cells of a file say in each of the encodings that it may be in. */

import type { Reading } from "./encoding";
import type { Encoding } from "./encodings";
import type { Delimiter } from "./table";

/** `samples` are up to three cells that read otherwise than in the encoding that was taken. */
export type EncodingAlternative = { encoding: Encoding; confidence: number; samples: string[] };

/** A reading is doubtful below this: people are shown it beside the next one. */
const DOUBTFUL_BELOW = 0.7;
const ALTERNATIVES_MAX = 3;
const SAMPLES_MAX = 3;
const SAMPLE_CHARS_MAX = 80;
const BEYOND_ASCII = /[^\0-\x7f]/;

export function alternativesOf({ encoding, runners_up, lines }: Reading, delimiter: Delimiter): EncodingAlternative[] {
  const taken = cellsOf(lines, encoding, delimiter);
  return runners_up.slice(0, ALTERNATIVES_MAX).map((other) => {
    const cells = cellsOf(lines, other.encoding, delimiter);
    return { ...other, samples: distinct(cells.filter((cell, index) => BEYOND_ASCII.test(cell) && cell !== taken[index])) };
  });
}

/** Shows people both readings of a cell where the first is doubtful. */
export function doubtWarnings(reading: Reading, [next]: readonly EncodingAlternative[], delimiter: Delimiter): string[] {
  if (reading.confidence >= DOUBTFUL_BELOW || !next) return [];
  const taken = cellsOf(reading.lines, reading.encoding, delimiter);
  const other = cellsOf(reading.lines, next.encoding, delimiter);
  const index = taken.findIndex((cell, at) => cell !== other[at]);
  const [here, there] = [taken, other].map((cells) => JSON.stringify((cells[index] ?? "").slice(0, SAMPLE_CHARS_MAX)));
  return [`The encoding is a guess: ${here} as ${reading.encoding}, ${there} as ${next.encoding}. Send encoding to choose`];
}

function cellsOf(lines: Uint8Array, encoding: Encoding, delimiter: Delimiter): string[] {
  const text = new TextDecoder(encoding).decode(lines);
  return text.split(/[\r\n]+/).flatMap((line) => line.split(delimiter).map((cell) => cell.replaceAll('"', "").trim()));
}

function distinct(cells: readonly string[]): string[] {
  return [...new Set(cells)].slice(0, SAMPLES_MAX).map((cell) => cell.slice(0, SAMPLE_CHARS_MAX));
}
