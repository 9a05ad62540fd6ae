import { html } from "hono/html";

/** A description's text: `code` between backticks. */
export const prose = (text: string) =>
  text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

/** A description of several paragraphs and lists. */
export const paragraphs = (text: string) =>
  text.split(/\n\s*\n/).map((block) => {
    const items = block.split(/^- /m);
    if (items.length === 1) return html`<p>${prose(block)}</p>`;
    const [lead = "", ...rest] = items;
    return html`${lead.trim() === "" ? "" : html`<p>${prose(lead)}</p>`}<ul>${rest.map((item) => html`<li>${prose(item)}</li>`)}</ul>`;
  });
