import { useEffect, useRef } from "preact/hooks";

/** How far below what is in view the end may be when more is loaded. */
const AHEAD = "600px";

/** An invisible mark at the end of what its parent scrolls: calls when it comes near. */
export function Sentinel({ onReach }: { onReach: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  const latest = useRef(onReach);
  latest.current = onReach;
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), {
      root: mark.current?.parentElement ?? null,
      rootMargin: AHEAD,
    });
    if (mark.current) observer.observe(mark.current);
    return () => observer.disconnect();
  }, []);
  return <div ref={mark} />;
}
