/** What the views of this page share. */
import type { Tone } from "../../components/pill";

export const DELIVERY_TONES = { pending: "info", delivered: "good", failed: "bad", discarded: "neutral" } as const satisfies Record<
  string,
  Tone
>;

export const Json = ({ text, cut, label }: { text: string; cut?: boolean; label: string }) => (
  <>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
    <section class="json-box" tabIndex={0} aria-label={label}>
      <pre>
        {text}
        {cut && "\n…"}
      </pre>
    </section>
    {cut && <p class="muted small">Only the beginning is shown.</p>}
  </>
);
