/** Whether a lead's score at a moment passes the filters of a list. Pure. */
import type { LeadScoreRow, ScoreView } from "../scoring";
import type { LeadListQuery } from "./list-overviews";
import type { ScannedRow } from "./list-store";

/** A lead without events has no score row. */
export const scoreRow = (row: ScannedRow): LeadScoreRow | undefined => (row.groups === null ? undefined : (row as LeadScoreRow));

/** Whether every score passes. */
export const passesAll = ({ min_score, max_score, level }: LeadListQuery): boolean =>
  min_score === undefined && max_score === undefined && level === undefined;

export function passes({ min_score, max_score, level }: LeadListQuery, { score, level: its }: ScoreView): boolean {
  // as it is displayed
  const shown = Math.round(score * 100) / 100;
  if (min_score !== undefined && shown < min_score) return false;
  if (max_score !== undefined && shown > max_score) return false;
  return level === undefined || its?.level_id === level || its?.name === level;
}
