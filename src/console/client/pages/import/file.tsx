/** A file before its import: how it is read, and what its columns mean. */
import { useEffect, useState } from "preact/hooks";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Icon } from "../../components/icon";
import { Page } from "../../components/page";
import { EmptyState, Skeleton } from "../../components/states";
import { toastError } from "../../components/toast";
import { counted } from "../../format";
import { useLoad } from "../../load";
import { go } from "../../router";
import type { PageProps } from "..";
import { ColumnTable } from "./column-table";
import { type Draft, identifiersOf, mappingOf } from "./mapping";
import { changeDraft, keepFile, type OpenedFile, openedFiles } from "./opened-files";
import { ReadingOptions } from "./reading-options";
import type { FilePreview } from "./upload";

const MODES = [
  { value: "upsert", label: "Create new leads and change known ones" },
  { value: "create_only", label: "Only create new leads" },
  { value: "update_only", label: "Only change known leads" },
] as const;

export function FilePage({ params }: PageProps) {
  const fileId = params.file ?? "";
  const opened = openedFiles.value[fileId];
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (opened) return;
    call("imports.edit", { file_id: fileId, edits: [] }).then(
      (preview) => {
        keepFile(preview, null);
        go(`/import/files/${preview.file_id}`, { replace: true });
      },
      () => setGone(true),
    );
  }, [fileId]);
  if (gone) {
    return (
      <Page title="Import">
        <EmptyState title="This file is no longer kept" action={<LinkButton to="/import">Upload it again</LinkButton>}>
          An uploaded file is kept for an hour. How its columns were mapped is remembered.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title={opened ? opened.preview.file_name : "Import"}
      lead={opened && `${counted(opened.preview.row_count, "row")}, ${counted(opened.preview.headers.length, "column")}`}
    >
      {opened ? <Mapping opened={opened} key={fileId} /> : <Skeleton lines={8} label="Reading the file" />}
    </Page>
  );
}

function Mapping({ opened: { preview, draft, file, reading } }: { opened: OpenedFile }) {
  const [busy, setBusy] = useState(false);
  const { data: fields = [] } = useLoad("fields", (signal) => call("imports.fields", {}, { signal }));
  const mapping = mappingOf(draft, preview);
  const plan = async (): Promise<void> => {
    if (!mapping) return;
    setBusy(true);
    try {
      const { plan_id } = await call("imports.plan", { file_id: preview.file_id, mapping });
      go(`/import/plans/${plan_id}`);
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  return (
    <>
      <Warnings texts={preview.warnings} />
      <ReadingOptions preview={preview} file={file} reading={reading} />
      <section class="card" aria-labelledby="columns">
        <h2 id="columns">What the columns mean</h2>
        <Choices preview={preview} draft={draft} />
        <ColumnTable preview={preview} draft={draft} fields={fields} />
      </section>
      <div class="actions sticky">
        <Button kind="primary" icon="right" busy={busy} disabled={!mapping} onClick={() => void plan()}>
          See what it will do
        </Button>
        {!mapping && (
          <p class="bad-text">Map at least one column to an email, phone, external id, cookie or social profile: a lead is found by it.</p>
        )}
      </div>
    </>
  );
}

const Warnings = ({ texts }: { texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <section class="card warnings" aria-label="Warnings">
      <ul>
        {texts.map((text) => (
          <li key={text}>
            <Icon name="warning" /> {text}
          </li>
        ))}
      </ul>
    </section>
  );

function Choices({ preview, draft }: { preview: FilePreview; draft: Draft }) {
  const change = (changed: Partial<Draft>): void => changeDraft(preview.file_id, (before) => ({ ...before, ...changed }));
  const identifiers = identifiersOf(draft);
  return (
    <div class="filters">
      <label>
        <span>A lead is found by</span>
        <select value={draft.primary} onChange={(event) => change({ primary: event.currentTarget.value })}>
          {identifiers.length === 0 && <option value="">No column identifies a lead</option>}
          {identifiers.map((column) => (
            <option key={column} value={column}>
              {column}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>The import may</span>
        <select value={draft.mode} onChange={(event) => change({ mode: event.currentTarget.value as Draft["mode"] })}>
          {MODES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
