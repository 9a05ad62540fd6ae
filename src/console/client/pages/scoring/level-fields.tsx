/** The levels as fields, one line each, with the leads that each would have. */
import { useState } from "preact/hooks";
import { IconButton } from "../../components/button";
import { TextField } from "../../components/form";
import { counted } from "../../format";
import { mayWrite } from "../../session";
import { type Distribution, type DraftLevel, leadsBetween, touches } from "./levels-draft";

type LevelFieldsProps = {
  levels: readonly DraftLevel[];
  distribution: Distribution;
  onChange: (levels: DraftLevel[]) => void;
  onRemove: (at: number) => void;
};

export function LevelFields({ levels, distribution, onChange, onRemove }: LevelFieldsProps) {
  const change = (at: number, to: Partial<DraftLevel>): void =>
    onChange(levels.map((level, place) => (place === at ? { ...level, ...to } : level)));
  /** Typed digit by digit: the level is moved as a whole only by its handle. The one below follows where it touched. */
  const begin = (at: number, min_score: number): void =>
    onChange(
      levels.map((level, place) => {
        if (place === at) return { ...level, min_score };
        return place === at - 1 && touches(level, levels[at]) ? { ...level, max_score: min_score - 1 } : level;
      }),
    );
  return (
    <ol class="level-fields" aria-label="Levels, from the lowest">
      {levels.map((level, at) => (
        <li key={level.level_id ?? `new ${at}`}>
          <label class="colour">
            <span class="visually-hidden">Colour of {level.name || "the new level"}</span>
            <input type="color" value={level.color} onInput={(event) => change(at, { color: event.currentTarget.value })} />
          </label>
          <TextField
            label="Name"
            name={`levels.${at}.name`}
            value={level.name}
            autocomplete="off"
            onInput={(event) => change(at, { name: event.currentTarget.value })}
          />
          <ScoreField label="From" name={`levels.${at}.min_score`} score={level.min_score} onScore={(to) => to !== null && begin(at, to)} />
          <ScoreField
            label="To"
            name={`levels.${at}.max_score`}
            score={level.max_score}
            onScore={(max_score) => change(at, { max_score })}
          />
          <output class="level-leads">{counted(leadsBetween(distribution, level.min_score, level.max_score), "lead")}</output>
          {mayWrite() && <IconButton icon="trash" label={`Remove ${level.name || "the new level"}`} onClick={() => onRemove(at)} />}
        </li>
      ))}
    </ol>
  );
}

type ScoreFieldProps = { label: string; name: string; score: number | null; onScore: (score: number | null) => void };

/** Shows what is typed while it is typed, and what is meant afterwards. */
function ScoreField({ label, name, score, onScore }: ScoreFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextField
      label={label}
      name={name}
      type="number"
      step={1}
      placeholder="no end"
      value={typed ?? (score === null ? "" : String(score))}
      onInput={({ currentTarget: { value } }) => {
        setTyped(value);
        onScore(/^-?\d+$/.test(value) ? Number(value) : null);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
