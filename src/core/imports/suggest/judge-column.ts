/** What one column is by its name and its content, before it is compared with the others. Pure. */
import type { AliasKind } from "../../../vocabulary";
import type { ColumnContent } from "./column-content";
import type { HeaderRole } from "./header-roles";
import { type Belonging, belongingOf, readHeader } from "./read-header";

/** An alias that the column may hold; `rank` orders columns of one kind. */
export type Candidate = { kind: AliasKind; belonging: Belonging; rank: number };

export type Draft = {
  column: string;
  content: ColumnContent;
  role: HeaderRole | null;
  exact: boolean;
  /** Says something about another column: not imported. */
  about: boolean;
  candidate: Candidate | null;
  confidence: number;
  reason: string;
};

type Judgement = Pick<Draft, "candidate" | "confidence" | "reason">;

const KIND_OF: Partial<Record<HeaderRole, { kind: AliasKind; rank: number }>> = {
  email: { kind: "email", rank: 1 },
  phone_mobile: { kind: "phone", rank: 0 },
  phone: { kind: "phone", rank: 1 },
  phone_work: { kind: "phone", rank: 2 },
  phone_home: { kind: "phone", rank: 3 },
  linkedin: { kind: "social", rank: 0 },
  social: { kind: "social", rank: 1 },
  external_id: { kind: "external_id", rank: 0 },
};
const CALLED: Record<AliasKind, string> = {
  email: "email addresses",
  phone: "phone numbers",
  social: "profiles",
  external_id: "ids",
  cookie: "cookies",
};

/** The share of cells that proves a column whatever its name, and the one below which they refute its name. */
const PROVING_SHARE = 0.6;
const REFUTING_SHARE = 0.2;
const UNIQUE_RATE = 0.95;

export function judgeColumn(column: string, content: ColumnContent): Draft {
  const { role, exact, about, belonging } = readHeader(column);
  const base = { column, content, role, exact, about };
  if (about) return { ...base, candidate: null, confidence: 0.8, reason: "The name says that this column describes another one" };
  const named = role === null ? undefined : KIND_OF[role];
  if (named && supports(named.kind, content)) {
    const rank = exact ? named.rank : named.rank + 0.5;
    return { ...base, ...byName({ ...named, rank, belonging }, exact, content) };
  }
  return { ...base, ...byContent(column, role, exact, content) };
}

/** Whether the cells allow what the name says. */
function supports(kind: AliasKind, content: ColumnContent): boolean {
  if (content.usable === 0) return kind !== "external_id";
  if (kind === "email") return content.emails >= REFUTING_SHARE;
  if (kind === "phone") return content.phones >= REFUTING_SHARE && content.dates < PROVING_SHARE;
  if (kind === "external_id")
    return content.distinct_rate >= UNIQUE_RATE && content.dates < PROVING_SHARE && content.emails < PROVING_SHARE;
  return content.numbers < PROVING_SHARE && content.emails < PROVING_SHARE;
}

function byName(candidate: Candidate, exact: boolean, { usable, ...content }: ColumnContent): Judgement {
  if (usable === 0) return { candidate, confidence: 0.4, reason: "By its name; the cells are empty" };
  const share = { email: content.emails, phone: content.phones, social: 1, external_id: content.distinct_rate, cookie: 1 }[candidate.kind];
  const reason = `By its name, and ${percent(share)} of its cells are ${CALLED[candidate.kind]}`;
  return { candidate, confidence: round((exact ? 0.7 : 0.6) + 0.29 * share), reason };
}

function byContent(column: string, role: HeaderRole | null, exact: boolean, content: ColumnContent): Judgement {
  const belonging = role === "owner" ? "other" : belongingOf(column);
  const kinds = [
    ["email", content.emails],
    ["social", content.profiles],
    ["phone", role === null || role.startsWith("phone") ? content.surePhones : 0],
  ] as const;
  const [kind, share] = kinds.find(([, share]) => share >= PROVING_SHARE) ?? [null, 0];
  if (kind !== null && role !== "fax") {
    return {
      candidate: { kind, belonging, rank: 2 },
      confidence: round(0.8 * share),
      reason: `${percent(share)} of its cells are ${CALLED[kind]}`,
    };
  }
  if (role === null) return { candidate: null, confidence: 0.3, reason: "No known name or content" };
  return { candidate: null, confidence: exact ? 0.9 : 0.7, reason: "By its name" };
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
const round = (value: number): number => Math.round(value * 100) / 100;
