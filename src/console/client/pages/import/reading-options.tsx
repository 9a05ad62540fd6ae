import { useState } from "preact/hooks";
import { formatPercent } from "../../format";
import { go } from "../../router";
import { keepFile } from "./opened-files";
import { type FilePreview, type Reading, uploadFile } from "./upload";

const DELIMITERS = [
  { value: ",", label: "Comma" },
  { value: ";", label: "Semicolon" },
  { value: "\t", label: "Tab" },
  { value: "|", label: "Pipe" },
];
const ENCODINGS = [
  "utf-8",
  "windows-1252",
  "utf-16le",
  "iso-8859-15",
  "windows-1250",
  "windows-1251",
  "macintosh",
  "shift_jis",
  "gb18030",
  "big5",
  "euc-kr",
];

/** Guesses about the bytes; a change reads the file again. */
export function ReadingOptions({ preview, file, reading }: { preview: FilePreview; file: File | null; reading: Reading }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  if (!file) return null;
  const readAgain = async (change: Reading): Promise<void> => {
    setBusy(true);
    setError(null);
    const next = { ...reading, ...change };
    try {
      const read = await uploadFile(file, next, () => {});
      keepFile(read, file, next);
      go(`/import/files/${read.file_id}`, { replace: true });
    } catch (thrown) {
      setError(thrown as Error);
    }
    setBusy(false);
  };
  const isText = preview.format === "csv";
  const encodings = [...new Set([preview.encoding, ...preview.encoding_alternatives.map(({ encoding }) => encoding), ...ENCODINGS])];
  return (
    <details class="card" open={preview.encoding_confidence < 0.8 || Object.keys(reading).length > 0}>
      <summary>How the file is read</summary>
      <div class="filters" aria-busy={busy}>
        {isText && (
          <label>
            <span>Encoding ({formatPercent(preview.encoding_confidence)} sure)</span>
            <select value={preview.encoding} disabled={busy} onChange={(event) => void readAgain({ encoding: event.currentTarget.value })}>
              {encodings.map((encoding) => (
                <option key={encoding} value={encoding}>
                  {encoding}
                  {sampleOf(preview, encoding)}
                </option>
              ))}
            </select>
          </label>
        )}
        {isText && (
          <label>
            <span>Delimiter</span>
            <select
              value={preview.delimiter}
              disabled={busy}
              onChange={(event) => void readAgain({ delimiter: event.currentTarget.value })}
            >
              {DELIMITERS.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        {preview.sheets.length > 1 && (
          <label>
            <span>Sheet</span>
            <select value={preview.sheets[0]} disabled={busy} onChange={(event) => void readAgain({ sheet: event.currentTarget.value })}>
              {preview.sheets.map((sheet) => (
                <option key={sheet} value={sheet}>
                  {sheet}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span>Header in row (0: no header)</span>
          <input
            type="number"
            min="0"
            value={preview.header_row}
            disabled={busy}
            onChange={(event) => void readAgain({ header_row: Number(event.currentTarget.value) })}
          />
        </label>
      </div>
      <div role="alert">{error && <p class="bad-text">{error.message}</p>}</div>
    </details>
  );
}

function sampleOf({ encoding_alternatives }: FilePreview, encoding: string): string {
  const sample = encoding_alternatives.find((other) => other.encoding === encoding)?.samples[0];
  return sample ? `: ${sample.slice(0, 30)}` : "";
}
