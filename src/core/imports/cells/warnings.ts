/** What cleaning had to say about a cell: a closed list, one sentence each. */

export const CELL_WARNINGS = {
  placeholder: '{column}: "{value}" is a placeholder, not an identifier',
  invalid_email: '{column}: "{value}" is not an email address',
  invalid_phone: '{column}: "{value}" is not a phone number',
  phone_too_short: '{column}: "{value}" has fewer than 7 digits and is not a phone number',
  date_as_phone: '{column}: "{value}" is a date, not a phone number',
  excel_rounded: '{column}: Excel rounded this number ("{value}"): format the column as text',
  not_a_profile: '{column}: "{value}" is not the profile of a person',
  too_long: '{column}: "{value}" is longer than 512 characters',
  too_many_values: '{column}: only the first 20 values of "{value}" were read',
  unknown_status: '{column}: "{value}" is not a status of a lead: new, contacted, qualified, converted, lost, follow_up',
  unknown_consent: '{column}: "{value}" says neither that consent was granted nor that it was denied',
  not_a_domain: '{column}: "{value}" is not a domain name such as acme.com',
  test_lead: 'A test lead of an ad platform ("{value}"): the row was skipped',
} as const;
export type CellWarningCode = keyof typeof CELL_WARNINGS;

/** `value` is the part of the cell that the warning is about. */
export type CellWarning = { code: CellWarningCode; value: string };

const VALUE_CHARS_SHOWN = 200;

export function renderCellWarning({ code, value }: CellWarning, column: string): string {
  const shown = value.length > VALUE_CHARS_SHOWN ? `${value.slice(0, VALUE_CHARS_SHOWN)}…` : value;
  return CELL_WARNINGS[code].replace(/\{(column|value)\}/g, (_, name) => (name === "column" ? column : shown));
}
