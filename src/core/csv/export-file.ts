/** The columns by which an export of leads is recognised when it is imported: its cells carry the spreadsheet guard. Pure. */

const ALIAS_HEADER = /^_alias_(email|phone|external_id|cookie|social)( \(\d+\))?$/;

/** The kind of alias in a column of an export; null for any other column. */
export const exportedAlias = (header: string): string | null => ALIAS_HEADER.exec(header.trim())?.[1] ?? null;
