/** One JSON object per line. Values are ids, our own names and numbers, never a secret or personal data. */
type Fields = Record<string, string | number | boolean | null | undefined>;

export const logLine = (fields: Fields): void => console.log(JSON.stringify({ at: new Date().toISOString(), ...fields }));

export function logError(message: string, error: unknown, fields: Fields = {}): void {
  const { name, message: cause, stack } = rootCause(error);
  console.error(JSON.stringify({ at: new Date().toISOString(), level: "error", message, ...fields, error: name, cause, stack }));
}

/** The innermost error: the query builder's wrapper quotes bound values, which may be personal data. */
function rootCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
