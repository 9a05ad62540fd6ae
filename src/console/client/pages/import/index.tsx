/** Import: drop a file, or see what was imported. */
import { useMemo, useRef, useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { type Column, DataTable } from "../../components/data-table";
import { Icon } from "../../components/icon";
import { Page } from "../../components/page";
import { useCommands } from "../../components/palette";
import { Moment, Pill, type Tone } from "../../components/pill";
import { EmptyState, ErrorState } from "../../components/states";
import { toast } from "../../components/toast";
import { formatBytes, formatNumber, formatPercent } from "../../format";
import { usePages } from "../../load-pages";
import { go, hrefOf } from "../../router";
import { mayWrite, session } from "../../session";
import { keepFile } from "./opened-files";
import { uploadFile } from "./upload";

type Job = CallOutput<"imports.list">["jobs"][number];

export const STATUS_TONES: Record<Job["status"], Tone> = {
  queued: "info",
  in_progress: "info",
  completed: "good",
  failed: "bad",
  cancelled: "neutral",
};
export const statusWord = (status: string): string => status.replace("_", " ");

const COLUMNS: readonly Column<Job>[] = [
  { id: "file", title: "File", cell: (job) => <a href={hrefOf(`/import/jobs/${job.job_id}`)}>{job.file_name}</a> },
  { id: "status", title: "Status", cell: ({ status }) => <Pill tone={STATUS_TONES[status]}>{statusWord(status)}</Pill> },
  { id: "rows", title: "Rows", numeric: true, cell: ({ total_rows }) => formatNumber(total_rows) },
  { id: "created", title: "Created", numeric: true, cell: ({ created }) => formatNumber(created) },
  { id: "changed", title: "Changed", numeric: true, cell: ({ changed }) => formatNumber(changed) },
  { id: "open", title: "To correct", numeric: true, cell: ({ open_failures }) => formatNumber(open_failures) },
  { id: "at", title: "Imported", cell: ({ created_at }) => <Moment at={created_at} /> },
  { id: "again", title: "Again", cell: (job) => mayWrite() && <RunAgain job={job} /> },
];

export function ImportPage() {
  const history = usePages("imports", async (cursor, _signal) => {
    const { jobs, next, total } = await call("imports.list", { page: cursor === null ? 1 : Number(cursor) });
    return { rows: jobs, next: next === null ? null : String(next), total };
  });
  return (
    <Page
      title="Import"
      lead="Leads from CSV, Excel, OpenDocument, JSON and vCard files. Nothing is written until you have seen what it does."
    >
      {/* until it is known who is signed in it keeps its place */}
      {(session.value === null || mayWrite()) && <DropZone />}
      {history.error ? (
        <ErrorState error={history.error} onRetry={history.reload} />
      ) : (
        <DataTable
          name="imports"
          caption="Imports"
          columns={COLUMNS}
          rows={history.rows}
          rowKey={({ job_id }) => job_id}
          loading={history.loading}
          {...(history.more ? { onMore: history.more } : {})}
          empty={
            <EmptyState icon="import" title="Nothing imported yet">
              Drop a file above: its columns are recognised, and you decide what each of them means.
            </EmptyState>
          }
        />
      )}
    </Page>
  );
}

function RunAgain({ job }: { job: Job }) {
  const [busy, setBusy] = useState(false);
  const open = async (): Promise<void> => {
    setBusy(true);
    try {
      const preview = await call("imports.edit", { file_id: job.file_id, edits: [] });
      keepFile(preview, null);
      go(`/import/files/${preview.file_id}`);
    } catch {
      toast("The file is no longer kept. Drop it again: how its columns were mapped is remembered.", { tone: "bad" });
      setBusy(false);
    }
  };
  return (
    <Button kind="quiet" busy={busy} aria-label={`Run ${job.file_name} again`} onClick={() => void open()}>
      Run again
    </Button>
  );
}

const ACCEPT = ".csv,.tsv,.txt,.xlsx,.xlsm,.ods,.json,.ndjson,.jsonl,.vcf,text/csv";

function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ file: File; part: number } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useCommands(
    useMemo(() => [{ id: "new-import", title: "New import: choose a file", icon: "import", run: () => input.current?.click() }], []),
  );
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setError(null);
    try {
      const preview = await uploadFile(file, {}, (part) => setSending({ file, part }));
      keepFile(preview, file);
      go(`/import/files/${preview.file_id}`);
    } catch (thrown) {
      setError(thrown as Error);
      setSending(null);
    }
  };
  return (
    <section
      class={over ? "drop over" : "drop"}
      aria-label="Upload a file"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <Icon name="import" />
      <p>
        <strong>Drop a file here</strong>, or choose one. Up to 200 MB.
      </p>
      <Button kind="primary" busy={sending !== null} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="File to import"
        accept={ACCEPT}
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      <div role="status">
        {sending && (
          <p class="muted">
            Sending {sending.file.name} ({formatBytes(sending.file.size)}){sending.part > 0 && `: ${formatPercent(sending.part)}`}
          </p>
        )}
      </div>
      <div role="alert">{error && <p class="bad-text">{error.message}</p>}</div>
    </section>
  );
}
