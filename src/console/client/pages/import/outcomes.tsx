/** What becomes of the rows of a file. */
import { PartsBar } from "../../components/plot";

const PARTS = [
  { key: "created", label: "Created", tone: "good" },
  { key: "changed", label: "Changed", tone: "info" },
  { key: "unchanged", label: "Unchanged", tone: "neutral" },
  { key: "failed", label: "Failed", tone: "bad" },
] as const;

type Counts = Record<(typeof PARTS)[number]["key"], number>;

export const Outcomes = ({ title, counts }: { title: string; counts: Counts }) => (
  <PartsBar title={title} parts={PARTS.map(({ key, label, tone }) => ({ label, value: counts[key], tone }))} />
);
