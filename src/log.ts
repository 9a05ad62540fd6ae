/** One JSON object a line. Field values are ids, names of ours and numbers: never a secret, never personal data. */
type Fields = Record<string, string | number | boolean | null | undefined>;

export const logLine = (fields: Fields): void => console.log(JSON.stringify(fields));

export function logError(message: string, error: unknown, fields: Fields = {}): void {
  const { name, message: cause, stack } = rootCause(error);
  console.error(JSON.stringify({ level: "error", message, ...fields, error: name, cause, stack }));
}

/** The innermost error: a query builder's wrapper around it quotes the bound values. */
function rootCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
