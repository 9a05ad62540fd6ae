/** A placeholder such as "123" may be somebody's id, but hardly the id of several rows: which of them occur more than once in a file. */
import type { AliasKind } from "../../vocabulary";
import { compilePlaceholders, isPlaceholderNumber } from "./cells";
import { type ImportFile, readRows } from "./file";
import type { AliasColumn, ResolvedMapping } from "./mapping";

/** Distinct texts that are counted for each column; a file with more of them holds real ids. */
const TEXTS_MAX = 1_000;
const ID_DIGITS_MIN = 3;
/** Kinds in which a placeholder that occurs once is taken for an identifier. */
const LENIENT_KINDS: ReadonlySet<AliasKind> = new Set(["external_id", "cookie"]);

/** Reads the whole file, chunk by chunk, if a column of such a kind is mapped; nothing otherwise. */
export async function findRepeatedPlaceholders(
  files: R2Bucket,
  file: ImportFile,
  { primary, fallbacks, aliases }: ResolvedMapping,
  patterns: readonly string[] | undefined,
): Promise<[column: number, texts: string[]][]> {
  const columns = [primary, ...fallbacks, ...aliases].filter(({ kind }: AliasColumn) => LENIENT_KINDS.has(kind));
  if (columns.length === 0) return [];
  const placeholders = compilePlaceholders(patterns);
  const counts = new Map(columns.map(({ column }) => [column, new Map<string, number>()]));
  for (const chunk of file.chunks) {
    for (const { cells } of (await readRows(files, file, chunk)) ?? []) {
      for (const [column, seen] of counts) {
        const text = cells[column]?.trim() ?? "";
        if (text === "" || !(placeholders.has(text) || isPlaceholderId(text))) continue;
        if (seen.has(text) || seen.size < TEXTS_MAX) seen.set(text, (seen.get(text) ?? 0) + 1);
      }
    }
  }
  return [...counts].map(([column, seen]) => [column, [...seen].flatMap(([text, times]) => (times > 1 ? [text] : []))]);
}

/** "000" and "123"; not "7", which is a short id. */
const isPlaceholderId = (text: string): boolean => (text.length >= ID_DIGITS_MIN || /^0+$/.test(text)) && isPlaceholderNumber(text);
