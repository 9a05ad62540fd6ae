/** How likely two leads are one person, and why. Pure. */
import { isFreeMail, type Lead, leadEmail, leadName } from "../leads";

export const DUPLICATE_REASONS = ["same_name", "same_domain", "same_company", "similar_email", "shared_email", "shared_phone"] as const;
export type DuplicateReason = (typeof DUPLICATE_REASONS)[number];

const WEIGHTS: Record<DuplicateReason, number> = {
  shared_phone: 0.6,
  shared_email: 0.7,
  similar_email: 0.5,
  same_name: 0.4,
  same_domain: 0.2,
  same_company: 0.2,
};

/** What a pair needs to be worth a look. */
export const LIKELY = 0.5;

export type PairScore = { score: number; reasons: DuplicateReason[] };

/** `shared`: kinds of aliases that one of them has and the other was refused. */
export function scorePair(a: Lead, b: Lead, shared: ReadonlySet<string>): PairScore {
  const reasons: DuplicateReason[] = [];
  const [nameA, nameB] = [normalName(a), normalName(b)];
  const [emailA, emailB] = [splitEmail(a), splitEmail(b)];
  if (shared.has("phone")) reasons.push("shared_phone");
  if (shared.has("email")) reasons.push("shared_email");
  if (emailA && emailB && isSimilar(emailA, emailB)) reasons.push("similar_email");
  if (nameA !== "" && nameA === nameB) reasons.push("same_name");
  if (emailA && emailA.domain === emailB?.domain && !isFreeMail(emailA.domain)) reasons.push("same_domain");
  if (companyOf(a) !== "" && companyOf(a) === companyOf(b)) reasons.push("same_company");
  const score = Math.min(
    1,
    reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0),
  );
  return { score: Math.round(score * 100) / 100, reasons };
}

/** Without accents, case and punctuation; the order of its words does not count. */
const normalName = (lead: Lead): string =>
  fold(leadName(lead.profile) ?? "")
    .split(" ")
    .sort()
    .join(" ");

const companyOf = ({ profile }: Lead): string => (typeof profile.company === "string" ? fold(profile.company) : "");

const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

type Email = { local: string; domain: string };

function splitEmail(lead: Lead): Email | null {
  const [local, domain] = (leadEmail(lead) ?? "").toLowerCase().split("@");
  // for most providers, dots and whatever follows a plus do not make another mailbox
  return local && domain ? { local: local.replace(/\+.*$/, "").replaceAll(/[._-]/g, ""), domain } : null;
}

/** The same mailbox by another spelling, or one letter off at the same domain. */
const isSimilar = (a: Email, b: Email): boolean =>
  a.domain === b.domain
    ? a.local === b.local || (a.local.length > 4 && isOneOff(a.local, b.local))
    : a.local === b.local && a.local.length > 6;

/** Whether one letter more, less or different makes one text the other. */
function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  return restA.slice(1) === restB.slice(1) || restA === restB.slice(1) || restA.slice(1) === restB;
}
