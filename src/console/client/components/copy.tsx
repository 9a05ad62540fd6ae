import { IconButton } from "./button";
import { toast, toastError } from "./toast";

/** Copies a text; `label` says what it is: "the lead's id". */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => toast("Copied"), toastError);
  };
  return <IconButton icon="copy" label={`Copy ${label}`} onClick={copy} />;
}
