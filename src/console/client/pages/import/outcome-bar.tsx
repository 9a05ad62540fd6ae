/** What becomes of the rows of a file, as a bar whose parts are named below it. */
import { formatNumber } from "../../format";

const PARTS = [
  { key: "created", label: "Created" },
  { key: "changed", label: "Changed" },
  { key: "unchanged", label: "Unchanged" },
  { key: "failed", label: "Failed" },
] as const;

export type Counts = Record<(typeof PARTS)[number]["key"], number>;

export function OutcomeBar({ counts }: { counts: Counts }) {
  const total = PARTS.reduce((sum, { key }) => sum + counts[key], 0);
  return (
    <div class="outcomes">
      <div class="outcome-bar" aria-hidden="true">
        {total > 0 && PARTS.map(({ key }) => counts[key] > 0 && <span key={key} class={key} style={{ flexGrow: counts[key] }} />)}
      </div>
      <dl>
        {PARTS.map(({ key, label }) => (
          <div key={key} class={key}>
            <dt>{label}</dt>
            <dd>{formatNumber(counts[key])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
