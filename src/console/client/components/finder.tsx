/** Searching as one types, and choosing one of the few things that are found. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { useLoad } from "../load";
import { Button } from "./button";
import { ErrorState } from "./states";

export type Found<Item> = { id: string; title: string; detail: string; item: Item };

type FinderProps<Item> = {
  label: string;
  placeholder: string;
  find: (text: string, signal: AbortSignal) => Promise<readonly Found<Item>[]>;
  onChoose: (item: Item) => void;
  /** said when nothing is found */
  nothing: (text: string) => ComponentChildren;
};

const TYPING_MS = 200;

export function Finder<Item>({ label, placeholder, find, onChoose, nothing }: FinderProps<Item>) {
  const field = useId();
  const [text, setText] = useState("");
  const [searched, setSearched] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSearched(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data = [], error, loading, reload } = useLoad(searched, async (signal) => (searched === "" ? [] : find(searched, signal)));
  const ended = searched !== "" && searched === text.trim() && !loading && !error;
  return (
    <>
      <div class="field">
        <label for={field}>{label}</label>
        <input
          id={field}
          type="search"
          autofocus
          autocomplete="off"
          placeholder={placeholder}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      {error && <ErrorState error={error} onRetry={reload} />}
      <div role="status">{ended && data.length === 0 && nothing(searched)}</div>
      <ul class="list">
        {data.map(({ id, title, detail, item }) => (
          <li key={id}>
            <div>
              <strong>{title}</strong>
              <p class="muted small">{detail}</p>
            </div>
            <Button onClick={() => onChoose(item)}>
              Choose<span class="visually-hidden"> {title}</span>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
