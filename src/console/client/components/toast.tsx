/** Short messages in the corner: what was done, and how to take it back. They go after a while, but not while the pointer or the focus is on them. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Button, IconButton } from "./button";

type Toast = { id: number; text: string; tone: "good" | "bad"; undo?: () => void };

const SHOWN_MS = 8_000;
const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Says that something was done; with `undo` it can be taken back from the message. */
export function toast(text: string, { tone = "good", undo }: { tone?: "good" | "bad"; undo?: () => void } = {}): void {
  lastId += 1;
  toasts.value = [...toasts.value, { id: lastId, text, tone, ...(undo ? { undo } : {}) }];
}

/** Says that something failed. */
export const toastError = (error: unknown): void => toast(error instanceof Error ? error.message : String(error), { tone: "bad" });

const dismiss = (id: number): void => {
  toasts.value = toasts.value.filter((shown) => shown.id !== id);
};

export const Toasts = () => (
  <section class="toasts" aria-label="Messages" aria-live="polite">
    {toasts.value.map((shown) => (
      <ToastView key={shown.id} toast={shown} />
    ))}
  </section>
);

function ToastView({ toast: { id, text, tone, undo } }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, id]);
  const hold = () => setHeld(true);
  const release = () => setHeld(false);
  return (
    <div class={`toast ${tone}`} onPointerEnter={hold} onPointerLeave={release} onFocusIn={hold} onFocusOut={release}>
      <span>{text}</span>
      {undo && (
        <Button
          kind="quiet"
          icon="undo"
          onClick={() => {
            dismiss(id);
            undo();
          }}
        >
          Undo
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />
    </div>
  );
}
