/** The parts of the settings, as links. */
import { hrefOf } from "../../router";

export const PARTS = [
  { part: "", title: "You" },
  { part: "units", title: "Org units" },
  { part: "credentials", title: "Service accounts" },
  { part: "write-keys", title: "Write keys" },
  { part: "channels", title: "Channels" },
  { part: "sources", title: "Inbound sources" },
  { part: "fields", title: "Fields" },
  { part: "blocked", title: "Blocked values" },
  { part: "identity", title: "Signing in" },
] as const;

export type Part = (typeof PARTS)[number]["part"];

export const PartLinks = ({ current }: { current: string }) => (
  <nav class="views" aria-label="Settings">
    {PARTS.map(({ part, title }) => (
      <a key={part} href={hrefOf(part === "" ? "/settings" : `/settings/${part}`)} aria-current={part === current ? "page" : undefined}>
        {title}
      </a>
    ))}
  </nav>
);
