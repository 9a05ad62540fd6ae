/** A ruleset of either score with its rules, and what can be done with it and with each rule. */
import type { ComponentChildren } from "preact";
import { Button, LinkButton } from "../../components/button";
import { Pill } from "../../components/pill";
import { formatSigned } from "../../format";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";

type CardProps = {
  ruleset: { ruleset_id: string; name: string; active: boolean; rules: readonly unknown[] };
  /** where a rule is added to it */
  newRule: string;
  /** below its name */
  note?: ComponentChildren;
  onEdit: () => void;
  onTurn: () => void;
  onRemove: () => void;
  /** a line for each rule */
  children: ComponentChildren;
};

export const RulesetCard = ({
  ruleset: { ruleset_id, name, active, rules },
  newRule,
  note,
  onEdit,
  onTurn,
  onRemove,
  children,
}: CardProps) => (
  <section class="card" aria-labelledby={ruleset_id}>
    <div class="card-head wrap">
      <h2 id={ruleset_id}>
        {name} {!active && <Pill tone="warning">paused</Pill>}
      </h2>
      {mayWrite() && (
        <div class="actions">
          <LinkButton to={newRule} icon="plus">
            New rule
          </LinkButton>
          <Button kind="quiet" icon="edit" onClick={onEdit} aria-label={`Change ${name}`}>
            Change
          </Button>
          <TurnButton of={name} active={active} onTurn={onTurn} />
          <DeleteButton of={name} onRemove={onRemove} />
        </div>
      )}
    </div>
    {note}
    {rules.length === 0 ? (
      <p class="muted">It has no rules yet{mayWrite() ? ": add the first one" : ""}.</p>
    ) : (
      <ul class="rules" aria-label={`Rules of ${name}`}>
        {children}
      </ul>
    )}
  </section>
);

type LineProps = {
  /** where the rule is edited */
  to: string;
  title: string;
  active: boolean;
  weight: number;
  /** what it is about, below its title */
  words?: string;
  onTurn: () => void;
  onRemove: () => void;
  /** beside its points */
  children?: ComponentChildren;
};

export const RuleLine = ({ to, title, active, weight, words, onTurn, onRemove, children }: LineProps) => (
  <li>
    <div class="rule-what">
      <a href={hrefOf(to)}>{title}</a> {!active && <Pill tone="warning">paused</Pill>}
      {words && <p class="muted small">{words}</p>}
    </div>
    <strong class="points">{pointsText(weight)}</strong>
    {children}
    {mayWrite() && (
      <div class="actions">
        <TurnButton of={`the rule for ${title}`} active={active} onTurn={onTurn} />
        <DeleteButton of={`the rule for ${title}`} onRemove={onRemove} />
      </div>
    )}
  </li>
);

const TurnButton = ({ of, active, onTurn }: { of: string; active: boolean; onTurn: () => void }) => (
  <Button kind="quiet" onClick={onTurn} aria-label={`${active ? "Pause" : "Resume"} ${of}`}>
    {active ? "Pause" : "Resume"}
  </Button>
);

const DeleteButton = ({ of, onRemove }: { of: string; onRemove: () => void }) => (
  <Button kind="quiet" icon="trash" onClick={onRemove} aria-label={`Delete ${of}`}>
    Delete
  </Button>
);

const pointsText = (weight: number): string => `${formatSigned(weight)} ${Math.abs(weight) === 1 ? "point" : "points"}`;
