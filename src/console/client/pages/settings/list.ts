/** The parts of the settings, in their order. */
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

/** Below /console. */
export const pathOf = (part: Part): string => (part === "" ? "/settings" : `/settings/${part}`);
