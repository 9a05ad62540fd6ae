/** Two leads side by side, field by field. */
import type { CallOutput } from "../../../server/calls";
import { Pill, type Tone } from "../../components/pill";
import { leadTitle } from "../../format";
import { hrefOf } from "../../router";
import { comparedFields } from "./compare";

export type Side = CallOutput<"duplicates.list">["pairs"][number]["lead"];

/** `standing`: what the lead has to do with the case, beside its name. */
type Stands = { side: Side; standing?: { tone: Tone; text: string } };

export const Comparison = ({ sides }: { sides: readonly [Stands, Stands] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <section class="grid-scroll compare" aria-label="Both leads, field by field" tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          {sides.map(({ side, standing }) => (
            <th key={side.lead_id} scope="col">
              <a href={hrefOf(`/leads/${side.lead_id}`)}>{leadTitle(side)}</a>{" "}
              {standing && <Pill tone={standing.tone}>{standing.text}</Pill>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {comparedFields(sides[0].side, sides[1].side).map(({ label, values: [one, other], differs }) => (
          <tr key={label} class={differs ? "differs" : undefined}>
            <th scope="row">
              {label}
              {differs && <span class="visually-hidden"> (differs)</span>}
            </th>
            <td>{one || <span class="muted">empty</span>}</td>
            <td>{other || <span class="muted">empty</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
