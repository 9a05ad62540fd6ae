/** What an import will do, before it does it. */
import { useEffect, useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call, Problem } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Page } from "../../components/page";
import { Pill, type Tone } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatNumber } from "../../format";
import { useLoad } from "../../load";
import { usePages } from "../../load-pages";
import { go, query, setQuery } from "../../router";
import { mayWrite } from "../../session";
import type { PageProps } from "..";
import { Corrections } from "./corrections";
import { mappingOf } from "./mapping";
import { keepFile, openedFiles } from "./opened-files";
import { Outcomes } from "./outcomes";

type Plan = CallOutput<"imports.showPlan">;
type PlannedRow = Plan["rows"][number];

const POLL_MS = 1_000;
const OUTCOMES = ["created", "changed", "unchanged", "skipped", "failed"] as const;
const TONES: Record<PlannedRow["outcome"], Tone> = {
  created: "good",
  changed: "info",
  unchanged: "neutral",
  skipped: "neutral",
  failed: "bad",
};
const price = new Intl.NumberFormat(navigator.languages, { style: "currency", currency: "USD", maximumSignificantDigits: 2 });

export function PlanPage({ params }: PageProps) {
  const planId = params.plan ?? "";
  const { data: plan, error, reload } = useLoad(planId, (signal) => call("imports.showPlan", { plan_id: planId }, { signal }));
  useEffect(() => {
    if (plan?.status !== "in_progress") return;
    const timer = setTimeout(reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [plan]);
  useEffect(() => {
    if (plan?.job_id) go(`/import/jobs/${plan.job_id}`, { replace: true });
  }, [plan?.job_id]);
  return (
    <Page title="What the import will do" lead="Nothing has been written yet.">
      {error && <ErrorState error={error} onRetry={reload} />}
      {!plan && !error && <Skeleton lines={8} label="Planning" />}
      {plan?.status === "failed" && (
        <EmptyState
          icon="warning"
          title="The plan failed"
          action={<LinkButton to={`/import/files/${plan.file_id}`}>Back to the columns</LinkButton>}
        >
          {plan.problem}
        </EmptyState>
      )}
      {plan && plan.status !== "failed" && <PlanView plan={plan} onReload={reload} />}
    </Page>
  );
}

function PlanView({ plan, onReload }: { plan: Plan; onReload: () => void }) {
  const { counts, status } = plan;
  const done = status !== "in_progress";
  return (
    <>
      <section class="card" aria-label="Summary">
        {!done && (
          <p role="status">
            Planning: {formatNumber(plan.planned_rows)} of {formatNumber(plan.total_rows)} rows
          </p>
        )}
        <Outcomes title="What becomes of the rows" counts={counts} />
        {counts.conflicts > 0 && (
          <p class="muted">{formatNumber(counts.conflicts)} addresses or numbers already belong to another lead, and stay there.</p>
        )}
        {plan.ignored_fields.length > 0 && (
          <p class="muted">Not imported, because no such field is defined: {plan.ignored_fields.join(", ")}</p>
        )}
        <p class="muted">
          Cost: {formatNumber(plan.rows_written)} database rows, about {price.format(plan.price_usd)}. It can be undone for 30 days.
        </p>
        {mayWrite() && <Start plan={plan} onReload={onReload} disabled={!done} />}
      </section>
      {done && mayWrite() && <Problems plan={plan} />}
      {done && <PlannedRows planId={plan.plan_id} />}
    </>
  );
}

function Start({ plan, onReload, disabled }: { plan: Plan; onReload: () => void; disabled: boolean }) {
  const [busy, setBusy] = useState(false);
  const [moved, setMoved] = useState<string | null>(null);
  const { created, changed } = plan.counts;
  const start = async (accept_drift: boolean): Promise<void> => {
    setBusy(true);
    try {
      const { job_id } = await call("imports.start", { plan_id: plan.plan_id, accept_drift });
      go(`/import/jobs/${job_id}`);
    } catch (error) {
      if (error instanceof Problem && error.code === "plan_outdated") setMoved(error.message);
      else toastError(error);
      setBusy(false);
    }
  };
  if (moved) {
    return (
      <div role="alert">
        <p class="warning-text">{moved}</p>
        <div class="actions">
          <PlanAgain plan={plan} />
          <Button onClick={() => void start(true)}>Import anyway</Button>
        </div>
      </div>
    );
  }
  return (
    <div class="actions">
      <Button kind="primary" icon="play" busy={busy} disabled={disabled || created + changed === 0} onClick={() => void start(false)}>
        Import {formatNumber(created + changed)} {created + changed === 1 ? "lead" : "leads"}
      </Button>
      <LinkButton to={`/import/files/${plan.file_id}`}>Back to the columns</LinkButton>
      {disabled && <Button onClick={onReload}>Refresh</Button>}
    </div>
  );
}

/** The same file with the same mapping, planned against the leads of now. */
function PlanAgain({ plan }: { plan: Plan }) {
  const opened = openedFiles.value[plan.file_id];
  const mapping = opened && mappingOf(opened.draft, opened.preview);
  if (!mapping) return <LinkButton to={`/import/files/${plan.file_id}`}>Plan again</LinkButton>;
  const again = (): void =>
    void call("imports.plan", { file_id: plan.file_id, mapping }).then(({ plan_id }) => go(`/import/plans/${plan_id}`), toastError);
  return (
    <Button kind="primary" onClick={again}>
      Plan again
    </Button>
  );
}

/** Rows that fail or lose cells, to be corrected before the start. */
function Problems({ plan }: { plan: Plan }) {
  const list = usePages(plan.plan_id, async (cursor) => {
    const page = await call("imports.problemRows", { plan_id: plan.plan_id, ...(cursor ? { cursor } : {}) });
    return { rows: page.rows.map((row) => ({ ...row, headers: page.headers })), next: page.next_cursor };
  });
  const headers = list.rows[0]?.headers;
  if (!headers) return null;
  const correct = async (edits: { row: number; column: string; value: string }[]): Promise<void> => {
    const before = openedFiles.peek()[plan.file_id];
    const preview = await call("imports.edit", { file_id: plan.file_id, edits });
    keepFile(preview, null, {}, before?.draft);
    const opened = openedFiles.peek()[preview.file_id];
    const mapping = opened && mappingOf(opened.draft, preview);
    toast(`${formatNumber(edits.length)} ${edits.length === 1 ? "cell" : "cells"} corrected`);
    if (!mapping) return go(`/import/files/${preview.file_id}`);
    const { plan_id } = await call("imports.plan", { file_id: preview.file_id, mapping });
    go(`/import/plans/${plan_id}`, { replace: true });
  };
  return (
    <Corrections
      key={plan.plan_id}
      title={`${formatNumber(list.rows.length)}${list.more ? " or more" : ""} rows need a look`}
      hint="Correct cells here, or import as it is: rows that fail can be corrected afterwards, too."
      headers={headers}
      rows={list.rows}
      submit={(cells) => `Correct ${formatNumber(cells)} ${cells === 1 ? "cell" : "cells"} and plan again`}
      onSubmit={correct}
      {...(list.more ? { onMore: list.more } : {})}
    />
  );
}

function PlannedRows({ planId }: { planId: string }) {
  const outcome = OUTCOMES.find((known) => known === query.value.get("rows"));
  const list = usePages(`${planId} ${outcome}`, async (cursor, signal) => {
    const page = await call(
      "imports.plannedRows",
      { plan_id: planId, ...(outcome ? { outcome } : {}), ...(cursor ? { cursor } : {}) },
      { signal },
    );
    return { rows: page.rows, next: page.next_cursor };
  });
  return (
    <section class="card" aria-labelledby="rows">
      <div class="filters">
        <h2 id="rows">Row by row</h2>
        <label>
          <span>Show</span>
          <select value={outcome ?? ""} onChange={(event) => setQuery({ rows: event.currentTarget.value })}>
            <option value="">All rows</option>
            {OUTCOMES.map((value) => (
              <option key={value} value={value}>
                {value}
              </option>
            ))}
          </select>
        </label>
      </div>
      {list.error && <ErrorState error={list.error} onRetry={list.reload} />}
      <ul class="list">
        {list.rows.map((row) => (
          <li key={row.row}>
            <PlannedRowView row={row} />
          </li>
        ))}
      </ul>
      {!list.loading && list.rows.length === 0 && !list.error && <p class="muted">No such rows.</p>}
      {list.more && (
        <div class="actions">
          <Button busy={list.loading} onClick={list.more}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

const PlannedRowView = ({ row: { row, outcome, changes, error, warnings, conflicts } }: { row: PlannedRow }) => (
  <div>
    <p>
      <strong>Row {formatNumber(row)}</strong> <Pill tone={TONES[outcome]}>{outcome}</Pill> {error}
    </p>
    {changes.length > 0 && (
      <dl class="diff">
        {changes.map(({ field, before, after }) => (
          <div key={field + after}>
            <dt>{field.replace(/^_alias_/, "").replaceAll("_", " ")}</dt>
            <dd>
              {before !== null && <del>{before}</del>} {after === null ? <em class="muted">removed</em> : <ins>{after}</ins>}
            </dd>
          </div>
        ))}
      </dl>
    )}
    {[...warnings, ...conflicts.map(({ value }) => `${value} belongs to another lead and stays there`)].map((text) => (
      <p key={text} class="small warning-text">
        {text}
      </p>
    ))}
  </div>
);
