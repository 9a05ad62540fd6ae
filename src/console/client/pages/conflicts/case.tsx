/** A case: which alias it is about, and both leads side by side, field by field. */
import { Moment } from "../../components/pill";
import { hrefOf } from "../../router";
import { Comparison } from "./comparison";
import type { Conflict } from "./conflicts";

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
      <Comparison
        sides={[
          { side: owner, standing: { tone: "info", text: "has it" } },
          { side: lead, standing: { tone: "warning", text: "was refused it" } },
        ]}
      />
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
