/** The parts of the settings, as links. */
import { hrefOf } from "../../router";
import { PARTS, pathOf } from "./list";

export const PartLinks = ({ current }: { current: string }) => (
  <nav class="views" aria-label="Settings">
    {PARTS.map(({ part, title }) => (
      <a key={part} href={hrefOf(pathOf(part))} aria-current={part === current ? "page" : undefined}>
        {title}
      </a>
    ))}
  </nav>
);
