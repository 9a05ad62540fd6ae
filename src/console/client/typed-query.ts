import { useEffect, useState } from "preact/hooks";
import { query, setQuery } from "./router";

const TYPING_MS = 200;

/** A parameter of the address as a field that somebody types into: the address follows when they pause. */
export function useTypedQuery(name: string): { text: string; setText: (text: string) => void } {
  const value = query.value.get(name) ?? "";
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    const timer = setTimeout(() => text !== value && setQuery({ [name]: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  return { text, setText };
}
