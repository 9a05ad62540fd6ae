/** A case: which alias it is about, and both leads side by side, field by field. */
import { Moment, Pill } from "../../components/pill";
import { leadTitle } from "../../format";
import { hrefOf } from "../../router";
import type { Conflict } from ".";
import { comparedFields } from "./compare";

export type Side = NonNullable<Conflict["lead"]>;

const KIND_WORDS: Record<Conflict["kind"], string> = {
  email: "email",
  phone: "phone",
  external_id: "external id",
  cookie: "cookie",
  social: "social profile",
};

const SOURCES: Readonly<Record<string, string>> = { engagement: "the API", events: "an event", console: "the console" };

export const CaseView = ({ conflict: { kind, value, source, created_at, lead, owner } }: { conflict: Conflict }) => (
  <div class="card">
    <h2 class="case-title">
      Both leads were given the {KIND_WORDS[kind]} <strong>{value}</strong>
    </h2>
    <p class="muted small">
      Seen <Moment at={created_at} />{" "}
      {source.startsWith("job_") ? <ImportLink jobId={source} /> : `through ${SOURCES[source] ?? source.replaceAll("_", " ")}`}
    </p>
    {lead && owner ? (
      <Comparison owner={owner} lead={lead} />
    ) : (
      <p>One of the two leads is gone: there is nothing to decide, and the case closes by itself.</p>
    )}
  </div>
);

const ImportLink = ({ jobId }: { jobId: string }) => (
  <>
    in <a href={hrefOf(`/import/jobs/${jobId}`)}>an import</a>
  </>
);

const Comparison = ({ owner, lead }: { owner: Side; lead: Side }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <section class="grid-scroll compare" aria-label="Both leads, field by field" tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <SideHead side={owner} standing="has it" />
          <SideHead side={lead} standing="was refused it" />
        </tr>
      </thead>
      <tbody>
        {comparedFields(owner, lead).map(({ label, values: [one, other], differs }) => (
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

const SideHead = ({ side, standing }: { side: Side; standing: "has it" | "was refused it" }) => (
  <th scope="col">
    <a href={hrefOf(`/leads/${side.lead_id}`)}>{leadTitle(side)}</a>{" "}
    <Pill tone={standing === "has it" ? "info" : "warning"}>{standing}</Pill>
  </th>
);
