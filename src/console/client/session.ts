/** Who is signed in, as far as this tab knows. */
import { effect, signal } from "@preact/signals";
import type { CallOutput } from "../server/calls";

export type Session = CallOutput<"session.current">;

/** null: not yet known, or nobody. A page is shown before it is known. */
export const session = signal<Session | null>(null);

/** `unknown`: until the first answer. `expired`: while a page waits for its owner to sign in again. */
export const sessionState = signal<"unknown" | "signed-in" | "expired" | "signed-out">("unknown");

export const mayWrite = (role: "editor" | "admin" = "editor"): boolean =>
  session.value !== null && (session.value.role === "admin" || session.value.role === role);

/** `found`: null for the operator, who belongs to no organization. */
export function signedIn(found: Session | null): void {
  session.value = found;
  sessionState.value = "signed-in";
}

/** A call was refused: over a page that somebody works on a dialog opens, otherwise the page of signing in. */
export function signedOut(): void {
  const before = sessionState.peek();
  sessionState.value = before === "signed-in" || before === "expired" ? "expired" : "signed-out";
}

/** The session has been ended on purpose. */
export function leftConsole(): void {
  session.value = null;
  sessionState.value = "signed-out";
}

/** Resolves when somebody has signed in. Rejects when `gone` is aborted. */
export function untilSignedIn(gone: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = effect(() => {
      if (sessionState.value === "signed-in") queueMicrotask(finish);
    });
    const onAbort = () => {
      end();
      reject(new DOMException("Aborted", "AbortError"));
    };
    function finish(): void {
      end();
      gone?.removeEventListener("abort", onAbort);
      resolve();
    }
    gone?.addEventListener("abort", onAbort);
  });
}
