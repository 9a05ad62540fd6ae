/** A chunk is committed as one D1 batch: it never holds more spreadsheet rows, nor more bytes of the normalised copy. */
export const CHUNK_ROWS_MAX = 1000;
export const CHUNK_BYTES_MAX = 1_000_000;

/** A record must fit into a chunk. Its line end counts. */
export const RECORD_BYTES_MAX = 1_000_000;

/** Cells of the header, and of any other record. */
export const COLUMNS_MAX = 1000;
