/** Which of the newest leads a rule matches, and how it would change their scores; and the same for one lead. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { useAttempt } from "../../components/attempt";
import { Button } from "../../components/button";
import { Finder } from "../../components/finder";
import { ErrorState } from "../../components/states";
import { Outdated, TrialCard } from "../../components/trial-card";
import { counted, formatDecimal, formatNumber, formatPercent, leadTitle } from "../../format";
import { hrefOf } from "../../router";
import { LevelMoves } from "./level-moves";
import { fieldWords, type ProfileRuleDraft, sentProfileRule } from "./profile-words";

type Tried = CallOutput<"profileScoring.tryRule">;
type OnLead = { title: string; lead_id: string; of: string } & CallOutput<"profileScoring.tryOnLead">;

type TrialProps = { draft: ProfileRuleDraft; ruleId: string | undefined };

export function ProfileRuleTrial({ draft, ruleId }: TrialProps) {
  const of = JSON.stringify(draft);
  const attempt = useAttempt<{ of: string; data: Tried }>();
  const { result } = attempt;
  const run = async (signal: AbortSignal): Promise<{ of: string; data: Tried }> => {
    const wish = { ...sentProfileRule(draft), ...(ruleId === undefined ? {} : { rule_id: ruleId }) };
    return { of, data: await call("profileScoring.tryRule", wish, { signal }) };
  };
  return (
    <>
      <TrialCard
        title="Try it on your leads"
        attempt={attempt}
        of={of}
        onTry={() => attempt.start(run)}
        loading="Looking at the leads"
        note="Nothing is saved and no score changes."
        summary={result && <Summary data={result.data} field={fieldOf(result.of)} />}
      >
        {result && <Samples samples={result.data.samples} />}
      </TrialCard>
      <OneLead draft={draft} of={of} />
    </>
  );
}

const fieldOf = (of: string): string => (JSON.parse(of) as ProfileRuleDraft).profile_field;

function Summary({ data: { checked, truncated, matching, is_mapped, levels }, field }: { data: Tried; field: string }) {
  if (!is_mapped) return <p>Nothing fills {field} yet: save the rule with the field of the lead that does, and try it again.</p>;
  if (checked === 0) return <p>There are no leads yet.</p>;
  return (
    <>
      <p>
        <strong>{counted(matching, "lead")}</strong> of {truncated ? `the newest ${formatNumber(checked)}` : formatNumber(checked)}{" "}
        {matching === 1 ? "matches" : "match"}
        {matching > 0 && ` (${formatPercent(matching / checked)})`}.
      </p>
      {matching > 0 && levels.length > 1 && <LevelMoves levels={levels} />}
    </>
  );
}

const Samples = ({ samples }: Pick<Tried, "samples">) =>
  samples.length > 0 && (
    <ul class="list" aria-label="Leads that match">
      {samples.map(({ lead_id, name, value, current_score, projected_score }) => (
        <li key={lead_id}>
          <div>
            <a href={hrefOf(`/leads/${lead_id}`)}>{name ?? lead_id}</a>
            <p class="muted small">{value === null ? "empty" : typeof value === "string" ? value : JSON.stringify(value)}</p>
          </div>
          <span>
            {formatDecimal(current_score)} → {formatDecimal(projected_score)}
          </span>
        </li>
      ))}
    </ul>
  );

/** `of`: the rule that is tried, as text. */
function OneLead({ draft, of }: { draft: ProfileRuleDraft; of: string }) {
  const [choosing, setChoosing] = useState(false);
  const { busy, error, result, start } = useAttempt<OnLead>();
  const attempt = (lead_id: string, title: string): void => {
    setChoosing(false);
    start(async (signal) => ({
      title,
      lead_id,
      of,
      ...(await call("profileScoring.tryOnLead", { ...sentProfileRule(draft), lead_id }, { signal })),
    }));
  };
  return (
    <section class="card" aria-labelledby="one-lead">
      <h2 id="one-lead">Try it on one lead</h2>
      {choosing ? (
        <Finder
          label="Which lead?"
          placeholder="Name, email or phone"
          find={async (q, signal) => {
            const { leads } = await call("leads.list", { q, limit: 5 }, { signal });
            return leads.map((lead) => ({ id: lead.lead_id, title: leadTitle(lead), detail: lead.email ?? "", item: lead }));
          }}
          onChoose={(lead) => attempt(lead.lead_id, leadTitle(lead))}
          nothing={() => "No lead matches: try fewer words."}
        />
      ) : (
        <div class="actions">
          {result && (
            <Button icon="play" busy={busy} onClick={() => attempt(result.lead_id, result.title)}>
              Try it again
            </Button>
          )}
          <Button icon="search" busy={busy} onClick={() => setChoosing(true)}>
            Choose a lead
          </Button>
          <Outdated result={result} of={of} />
        </div>
      )}
      {error && <ErrorState error={error} />}
      <div role="status">{result && !choosing && <Verdict result={result} />}</div>
    </section>
  );
}

const Verdict = ({ result: { title, lead_id, matches, reason, of } }: { result: OnLead }) => (
  <p>
    <a href={hrefOf(`/leads/${lead_id}`)}>{title}</a> {matches ? "matches" : "does not match"}:{" "}
    {reason.startsWith("No mapping") ? `nothing fills ${fieldWords(fieldOf(of))} yet` : reason}.
  </p>
);
