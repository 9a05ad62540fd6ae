import { html } from "hono/html";
import type { ApiDocument, Content, NamedOperation, Schema } from "../document";
import { exampleText } from "./example-text";
import { paragraphs, prose } from "./prose";
import { schemaView } from "./schema-view";
import { tryForm } from "./try-form";

/** Everything about one operation: what it takes, what it returns, and a form that sends it. */
export const operationPage = (operation: NamedOperation, document: ApiDocument) => html`
<p class="trail"><a href="/docs">API reference</a> / ${operation.tags.join(", ")}</p>
<h1>${operation.summary}</h1>
<p class="address"><span class="method ${operation.method.toLowerCase()}">${operation.method}</span> <code>${operation.path}</code></p>
${paragraphs(operation.description)}
${tryForm(operation, document)}
${bodyFields(operation, document)}
<h2 id="responses">Responses</h2>
${Object.entries(operation.responses).map(
  ([status, { description, content }]) => html`<details class="response"${status < "400" ? " open" : ""}>
<summary><code>${status}</code> ${prose(description)}</summary>
${contentView(content ?? {}, status < "400", document.components.schemas)}
</details>`,
)}`;

function bodyFields({ requestBody }: NamedOperation, { components }: ApiDocument) {
  if (!requestBody) return "";
  return html`<h2 id="body">Request body</h2>
${Object.entries(requestBody.content).map(
  ([type, { schema }]) => html`<p><code>${type}</code>${requestBody.required ? "" : ", optional"}</p>
${schema ? schemaView(schema, components.schemas) : ""}`,
)}`;
}

const contentView = (content: Content, withFields: boolean, schemas: Record<string, Schema>) =>
  Object.entries(content).map(
    ([type, { schema, example }]) => html`<p><code>${type}</code></p>
${withFields && schema ? schemaView(schema, schemas) : ""}
${example === undefined ? "" : html`<pre><code>${exampleText(example)}</code></pre>`}`,
  );
