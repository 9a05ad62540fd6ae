/** A view that keeps itself up to date while somebody looks at it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Loaded, useLoad } from "./load";

const EVERY_MS = 2_000;

export type Live<Data> = Loaded<Data> & {
  /** the last attempt failed: what is shown is from before */
  stale: boolean;
  paused: boolean;
  pause(paused: boolean): void;
};

/** Loads again two seconds after each load, unless it is paused or the tab is hidden. */
export function useLive<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>): Live<Data> {
  const loaded = useLoad(key, load);
  const [paused, pause] = useState(false);
  const failed = useRef(false);
  if (loaded.error) failed.current = true;
  else if (!loaded.loading) failed.current = false;
  const { loading, reload } = loaded;
  useEffect(() => {
    if (paused || loading) return;
    const again = () => !document.hidden && reload();
    const timer = setInterval(again, EVERY_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [paused, loading]);
  return { ...loaded, stale: failed.current, paused, pause };
}
