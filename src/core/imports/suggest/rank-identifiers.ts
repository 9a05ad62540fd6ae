/** Which columns identify the people of a file, and in which order. Pure. */
import type { AliasKind } from "../../../vocabulary";
import type { Candidate, Draft } from "./judge-column";
import { personKey, readSharing, type Sharing } from "./sharing";

/** `identifier`: finds rows by itself. `alias`: belongs to the lead that another column found. `refused`: tells nobody apart. */
export type Verdict = "identifier" | "alias" | "refused";

type Measured = { draft: Draft; candidate: Candidate; sharing: Sharing };

export type Ranked = Measured & { verdict: Verdict; warnings: string[] };

/** The lower, the better a kind identifies a lead. */
const KIND_RANK: Record<AliasKind, number> = { email: 0, external_id: 1, phone: 2, social: 3, cookie: 4 };
/** The share of rows with another person's value from which a column is not even an alias: some spellings of a name always differ. */
const SHARED_MAX: Record<AliasKind, number> = { email: 0.25, phone: 0.1, social: 0.1, external_id: 0, cookie: 0 };
const SHARED_EMAIL_ROWS_MIN = 3;
const COUNTER_SHARE = 0.6;
const REPEATING_RATE = 0.8;
const REPEATING_ROWS_MIN = 3;
const CALLED: Record<AliasKind, string> = { email: "address", phone: "number", social: "profile", external_id: "id", cookie: "cookie" };

/** All columns that may hold aliases, the best identifier first. */
export function rankIdentifiers(drafts: readonly Draft[], region: string | null): Ranked[] {
  const candidates = drafts.flatMap((draft) => (draft.candidate ? [{ draft, candidate: draft.candidate }] : []));
  const names = namesOfRows(drafts);
  const measured = candidates.map(({ draft, candidate }) => {
    const people = names ?? rivalCells(draft, candidates);
    return { draft, candidate, sharing: readSharing(candidate.kind, draft.content.cells, people, region) };
  });
  const hasOwn = (kind: AliasKind) =>
    measured.some(({ candidate, sharing }) => candidate.kind === kind && candidate.belonging === "own" && sharing.identified > 0);
  return measured
    .map((one) => {
      const verdict = judge(one, hasOwn(one.candidate.kind));
      return { ...one, verdict, warnings: warningsOf(one, verdict, region) };
    })
    .sort((a, b) => KIND_RANK[a.candidate.kind] - KIND_RANK[b.candidate.kind] || worth(b) - worth(a));
}

function judge({ draft, candidate, sharing }: Measured, hasOwn: boolean): Verdict {
  const { kind, belonging } = candidate;
  if (belonging === "other" || (draft.content.usable > 0 && sharing.identified === 0) || isCounter(draft, kind)) return "refused";
  const share = sharing.identified === 0 ? 0 : sharing.shared / sharing.identified;
  if (belonging === "shared" && (hasOwn || share > 0 || repeats(sharing))) return "refused";
  // two rows of a short file are a person entered twice under another name
  const few = kind === "email" && sharing.shared < SHARED_EMAIL_ROWS_MIN;
  if (share > SHARED_MAX[kind] && !few) return "refused";
  return kind === "email" || sharing.shared === 0 ? "identifier" : "alias";
}

/** Ids are one namespace: the 17 of one tool's list is another person than the 17 of another's. */
const isCounter = ({ content }: Draft, kind: AliasKind): boolean => kind === "external_id" && content.counters >= COUNTER_SHARE;

const repeats = ({ identified, distinct }: Sharing): boolean => identified >= REPEATING_ROWS_MIN && distinct < REPEATING_RATE * identified;

/** Columns of one kind: the row's own before others', then by name, then by the people whom they tell apart. */
function worth({ draft, candidate, sharing, verdict }: Ranked): number {
  const apart = Math.min(sharing.distinct, sharing.identified) - sharing.shared;
  const standing = { identifier: 2, alias: 1, refused: 0 }[verdict] * 1_000;
  return standing + (sharing.identified > 0 ? 500 : 0) - 100 * candidate.rank + (100 * apart) / Math.max(1, draft.content.cells.length);
}

function warningsOf({ draft, candidate, sharing }: Measured, verdict: Verdict, region: string | null): string[] {
  const warnings: string[] = [];
  const { column } = draft;
  const { kind } = candidate;
  if (isCounter(draft, kind)) warnings.push("Other files may give these short numbers to other people: not an identifier");
  const { most, bare, rounded } = sharing;
  if (verdict === "refused" && most > 1) warnings.push(`${most} rows share this ${CALLED[kind]}: not an identifier`);
  if (verdict !== "refused" && most > 1) warnings.push(`${most} rows share one ${CALLED[kind]}, but their names differ`);
  if (repeats(sharing)) warnings.push(`${column} repeats`);
  if (verdict !== "refused" && region === null && bare > 0)
    warnings.push(
      bare === 1 ? "1 number has no country code: say default_region" : `${bare} numbers have no country code: say default_region`,
    );
  if (rounded > 0) warnings.push(`Excel rounded ${rounded === 1 ? "1 cell" : `${rounded} cells`}: format the column as text`);
  return warnings;
}

/** The person of each row by its names; null where no column holds any. */
function namesOfRows(drafts: readonly Draft[]): string[] | null {
  const cellsOf = (...roles: (Draft["role"] | null)[]) =>
    drafts.find(({ role, about, content }) => role !== null && !about && roles.includes(role) && content.usable > 0)?.content.cells;
  const first = cellsOf("first_name", "first_or_full");
  const last = cellsOf("last_name", "last_or_full");
  const full = cellsOf("name");
  const parts = first && last ? [first, last] : [full ?? first ?? last];
  if (parts[0] === undefined) return null;
  return parts[0].map((_, row) => personKey(...parts.map((cells) => cells?.[row] ?? "")));
}

/** Without names, another identifier tells the people apart. */
function rivalCells(draft: Draft, candidates: readonly { draft: Draft; candidate: Candidate }[]): readonly string[] {
  const rivals = candidates.filter(({ draft: other, candidate }) => other !== draft && candidate.belonging === "own");
  const best = rivals.sort((a, b) => b.draft.content.distinct_rate - a.draft.content.distinct_rate)[0];
  return best?.draft.content.cells.map((cell) => cell.toLowerCase()) ?? [];
}
