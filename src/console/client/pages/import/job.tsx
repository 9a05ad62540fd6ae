/** An import while it runs, and what came of it. */
import { useEffect, useState } from "preact/hooks";
import type { CallOutput, ImportEvent } from "../../../server/calls";
import { call, isAbort } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Page } from "../../components/page";
import { Moment, Pill } from "../../components/pill";
import { PartsBar } from "../../components/plot";
import { ErrorState, Skeleton } from "../../components/states";
import { toastError } from "../../components/toast";
import { follow } from "../../follow";
import { formatDecimal, formatDuration, formatNumber } from "../../format";
import { useLoad } from "../../load";
import { go } from "../../router";
import { saveFile } from "../../save-file";
import { mayWrite } from "../../session";
import type { PageProps } from "..";
import { STATUS_TONES, statusWord } from ".";
import { Corrections } from "./corrections";
import { mappingOf } from "./mapping";
import { keepFile, openedFiles } from "./opened-files";
import { Outcomes } from "./outcomes";
import { UndoButton, UndoState } from "./undo";

type Job = CallOutput<"imports.job">;
type DataOf<Type extends ImportEvent["type"]> = Extract<ImportEvent, { type: Type; data: unknown }>["data"];
type Progress = DataOf<"progress">;

const UNDO_POLL_MS = 1_000;
const isRunning = ({ status }: Pick<Job, "status">): boolean => status === "queued" || status === "in_progress";

export function JobPage({ params }: PageProps) {
  const jobId = params.job ?? "";
  const { data: job, error, reload } = useLoad(jobId, (signal) => call("imports.job", { job_id: jobId }, { signal }));
  const undoing = job?.undo?.status === "in_progress" || job?.undo?.status === "queued";
  useEffect(() => {
    if (!undoing) return;
    const timer = setTimeout(reload, UNDO_POLL_MS);
    return () => clearTimeout(timer);
  }, [job]);
  return (
    <Page title={job?.file_name ?? "Import"} lead={job && <JobLine job={job} />}>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!job && !error && <Skeleton lines={6} label="Loading the import" />}
      {job && isRunning(job) && <Running job={job} onEnd={reload} />}
      {job && !isRunning(job) && <Ended job={job} onChange={reload} />}
    </Page>
  );
}

const JobLine = ({ job }: { job: Job }) => (
  <>
    <Pill tone={STATUS_TONES[job.status]}>{statusWord(job.status)}</Pill> started <Moment at={job.created_at} />
    {job.started_at !== null && job.completed_at !== null && `, took ${formatDuration(job.completed_at - job.started_at)}`}
  </>
);

/** Closing the page stops nothing: coming back shows where it stands. */
function Running({ job, onEnd }: { job: Job; onEnd: () => void }) {
  const [progress, setProgress] = useState<Progress | null>(null);
  const [kinds, setKinds] = useState<ReadonlyMap<string, number>>(new Map());
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    const onEvent = ({ event, data }: { event: string; data: unknown }): void => {
      if (event === "progress") setProgress(data as Progress);
      if (event === "row_errors") setKinds((before) => counted(before, data as DataOf<"row_errors">));
      if (event === "done") onEnd();
    };
    follow(`/console/api/stream/imports/${job.job_id}`, onEvent, gone.signal).catch(
      (thrown: Error) => !isAbort(thrown) && setError(thrown),
    );
    return () => gone.abort();
  }, [job.job_id]);
  const done = progress?.processed_rows ?? 0;
  return (
    <section class="card" aria-label="Progress">
      {error && <ErrorState error={error} onRetry={onEnd} />}
      <progress aria-label="Rows imported" value={done} max={Math.max(1, job.total_rows)} />
      <p role="status">
        {formatNumber(done)} of {formatNumber(job.total_rows)} rows
        {progress?.rows_per_second != null && `, ${formatDecimal(progress.rows_per_second)} rows a second`}
        {progress?.seconds_left != null && `, ${formatDuration(progress.seconds_left * 1000)} left`}
      </p>
      <PartsBar
        title="Rows so far"
        parts={[
          { label: "Created", value: progress?.created_count ?? 0, tone: "good" },
          { label: "Found their lead", value: progress?.updated_count ?? 0, tone: "info" },
          { label: "Failed", value: progress?.failed_count ?? 0, tone: "bad" },
        ]}
      />
      {kinds.size > 0 && (
        <ul class="kinds">
          {[...kinds].map(([kind, rows]) => (
            <li key={kind}>
              <Pill tone="bad">{formatNumber(rows)}</Pill> {kind}
            </li>
          ))}
        </ul>
      )}
      <p class="muted">You may close this page: the import goes on.</p>
      {mayWrite() && (
        <div class="actions">
          <Button onClick={() => void call("imports.cancel", { job_id: job.job_id }).then(onEnd, toastError)}>Stop the import</Button>
        </div>
      )}
    </section>
  );
}

function counted(before: ReadonlyMap<string, number>, { errors }: DataOf<"row_errors">): ReadonlyMap<string, number> {
  const kinds = new Map(before);
  for (const { error } of errors) kinds.set(error, (kinds.get(error) ?? 0) + 1);
  return kinds;
}

function Ended({ job, onChange }: { job: Job; onChange: () => void }) {
  return (
    <>
      <section class="card" aria-label="Result">
        <Outcomes title="What became of the rows" counts={job} />
        {job.warned > 0 && <p class="muted">{formatNumber(job.warned)} cells were left out of rows that were imported.</p>}
        <div class="actions">
          <LinkButton to="/leads">Show leads</LinkButton>
          {job.failures_kept && (
            <Button
              icon="import"
              onClick={() => void saveFile(`/console/api/files/failed/${job.job_id}/csv`, `${job.file_name}-errors.csv`).catch(toastError)}
            >
              Download failed rows
            </Button>
          )}
          {mayWrite() && <UndoButton job={job} onChange={onChange} />}
        </div>
        {job.undo && <UndoState undo={job.undo} />}
      </section>
      {job.failures_kept && job.open_failures > 0 && mayWrite() && <Failed job={job} />}
      <MappingView job={job} />
    </>
  );
}

function Failed({ job }: { job: Job }) {
  const { data, error, reload } = useLoad(job.job_id, (signal) => call("imports.failedRows", { job_id: job.job_id }, { signal }));
  if (error) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <Skeleton lines={4} label="Loading failed rows" />;
  const correct = async (edits: { row: number; column: string; value: string }[]): Promise<void> => {
    const preview = await call("imports.mend", { job_id: job.job_id, edits });
    keepFile(preview, null);
    const opened = openedFiles.peek()[preview.file_id];
    const mapping = opened && mappingOf(opened.draft, preview);
    if (!mapping) return go(`/import/files/${preview.file_id}`);
    const { plan_id } = await call("imports.plan", { file_id: preview.file_id, mapping });
    go(`/import/plans/${plan_id}`);
  };
  return (
    <Corrections
      title={`${formatNumber(job.open_failures)} ${job.open_failures === 1 ? "row" : "rows"} to correct`}
      hint="Only the rows that you correct are imported; the others wait here for seven days."
      headers={data.headers}
      rows={data.rows}
      submit={(cells) => `Import the rows of ${formatNumber(cells)} ${cells === 1 ? "correction" : "corrections"}`}
      onSubmit={correct}
    />
  );
}

function MappingView({ job: { mapped, ignored_fields, conflicts } }: { job: Job }) {
  const { primary_identifier, field_mappings, alias_mappings } = mapped;
  const rows = [
    [primary_identifier.column, `${primary_identifier.kind} (finds the lead)`],
    ...Object.entries({ ...alias_mappings, ...field_mappings }),
  ];
  return (
    <details class="card">
      <summary>How the columns were mapped</summary>
      <dl class="diff">
        {rows.map(([column, target]) => (
          <div key={column}>
            <dt>{column}</dt>
            <dd>
              {String(target)
                .replace(/^_alias_/, "")
                .replaceAll("_", " ")}
            </dd>
          </div>
        ))}
      </dl>
      {ignored_fields.length > 0 && <p class="muted">Not imported: {ignored_fields.join(", ")}</p>}
      {conflicts.length > 0 && <p class="muted">{formatNumber(conflicts.length)} values stayed with the lead that had them.</p>}
    </details>
  );
}
