/** A page: its heading, which gets the focus when somebody has gone there, its actions, and its content. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "../page-parts";

let pagesShown = 0;

type PageProps = { title: string; actions?: ComponentChildren; lead?: ComponentChildren; children: ComponentChildren };

/** `lead`: a line under the heading. */
export function Page({ title, actions, lead, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    pagesShown += 1;
    // the first page leaves the focus to the browser: the skip link comes first
    if (pagesShown > 1) heading.current?.focus();
  }, []);
  useEffect(() => {
    document.title = `${title} · Leadedge`;
  }, [title]);
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="muted">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
