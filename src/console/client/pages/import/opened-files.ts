/** Files that this tab has sent: kept with what was decided about them, so that going back and forth loses nothing. */
import { signal } from "@preact/signals";
import { type Draft, draftOf } from "./mapping";
import type { FilePreview, Reading } from "./upload";

export type OpenedFile = {
  preview: FilePreview;
  draft: Draft;
  reading: Reading;
  /** null after a reload: the bytes were only here */
  file: File | null;
};

export const openedFiles = signal<Readonly<Record<string, OpenedFile>>>({});

export function keepFile(preview: FilePreview, file: File | null, reading: Reading = {}, draft = draftOf(preview)): void {
  openedFiles.value = { ...openedFiles.peek(), [preview.file_id]: { preview, file, reading, draft } };
}

export function changeDraft(fileId: string, change: (draft: Draft) => Draft): void {
  const opened = openedFiles.peek()[fileId];
  if (opened) openedFiles.value = { ...openedFiles.peek(), [fileId]: { ...opened, draft: change(opened.draft) } };
}
