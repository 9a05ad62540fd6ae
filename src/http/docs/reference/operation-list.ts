import { html } from "hono/html";
import type { NamedOperation } from "../document";
import { TAGS } from "../tags";
import { prose } from "./prose";

export const operationList = (operations: readonly NamedOperation[]) => html`
<h1>API reference</h1>
<p>Each operation has a page where it can be tried with your own credentials. The whole description for generators is
<a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<p class="filter"><label>Filter <input type="search" id="filter" placeholder="path, name or summary" autocomplete="off" /></label></p>
${TAGS.map(({ name, description }) => {
  const own = operations.filter(({ tags }) => tags.includes(name));
  return html`<section class="group">
<h2 id="${anchor(name)}">${name}</h2>
<p>${prose(description)}</p>
<ul class="operations">${own.map(item)}</ul>
</section>`;
})}`;

const item = ({ operationId, method, path, summary }: NamedOperation) =>
  html`<li><a href="/docs/operations/${operationId}"><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code> <span>${summary}</span></a></li>`;

const anchor = (name: string): string => name.toLowerCase().replace(/[^a-z]+/g, "-");
