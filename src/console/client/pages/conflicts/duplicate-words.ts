/** Why two leads may be one person, in words. Pure. */
import type { CallOutput } from "../../../server/calls";

export type Pair = CallOutput<"duplicates.list">["pairs"][number];

const REASONS: Record<Pair["reasons"][number], string> = {
  shared_phone: "one was given the other's phone",
  shared_email: "one was given the other's email",
  similar_email: "their emails are nearly the same",
  same_name: "they have the same name",
  same_domain: "their emails have the same company domain",
  same_company: "they work for the same company",
};

const VERY_LIKELY = 0.8;

export const reasonsText = ({ reasons }: Pick<Pair, "reasons">): string =>
  new Intl.ListFormat("en", { type: "conjunction" }).format(reasons.map((reason) => REASONS[reason]));

export const likelihood = ({ score }: Pick<Pair, "score">): string => (score >= VERY_LIKELY ? "very likely" : "likely");
