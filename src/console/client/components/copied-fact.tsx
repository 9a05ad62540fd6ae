import { CopyButton } from "./copy";

/** A line of a list of facts, with a button that copies its value. */
export const CopiedFact = ({ label, value }: { label: string; value: string }) => (
  <div>
    <dt>{label}</dt>
    <dd class="id">
      <code>{value}</code> <CopyButton text={value} label={`the ${label.toLowerCase()}`} />
    </dd>
  </div>
);
