/** Reading and writing CSV: pure functions over bytes. This file is the folder's only door. */

export { csvLine } from "./csv-line";
export type { EncodingAlternative } from "./encoding-samples";
export { ENCODINGS, type Encoding, encodingOf } from "./encodings";
export { errorsFileColumns, originalHeaders, trailColumns } from "./errors-file";
export { exportedAlias } from "./export-file";
export { guardCell, unguardCell } from "./guard";
export { type EncodingGuess, guessEncoding } from "./guess-encoding";
export { CHUNK_BYTES_MAX, CHUNK_ROWS_MAX, RECORD_BYTES_MAX } from "./limits";
export { parseChunk } from "./parse-chunk";
export { type CsvResult, type ReadOptions, readCsv } from "./read-csv";
export { type Chunk, type CsvProblem, type CsvRow, type CsvTable, DELIMITERS, type Delimiter } from "./table";
export { TableScan } from "./table-scan";
