import { html } from "hono/html";
import type { ApiDocument, NamedOperation, Parameter, Schema, SecurityScheme } from "../document";
import { exampleText } from "./example-text";
import { prose } from "./prose";
import { resolved, typeText } from "./schema-view";

type Schemas = Record<string, Schema>;

/** A form that `browser.js` sends; without a script it shows the parameters. */
export const tryForm = (operation: NamedOperation, { components: { schemas, securitySchemes } }: ApiDocument) => html`
<form id="try" data-method="${operation.method}" data-path="${operation.path}" autocomplete="off">
${authorization(operation, securitySchemes)}
${parameters(operation.parameters ?? [], schemas)}
${body(operation, schemas)}
<p class="actions"><button type="submit">Send</button> <button type="button" id="stop" hidden>Stop</button></p>
</form>
<section id="answer" aria-live="polite" hidden>
<h2>Response</h2>
<p id="status"></p>
<details><summary>Headers</summary><pre id="headers"></pre></details>
<pre id="text"></pre>
<p><a id="file" hidden download>Save the file</a></p>
</section>
<details><summary>As a command</summary><pre id="command"></pre></details>`;

function authorization({ security }: NamedOperation, schemes: Record<string, SecurityScheme>) {
  const names = security.flatMap((one) => Object.keys(one));
  if (names.length === 0) return "";
  const optional = security.some((one) => Object.keys(one).length === 0);
  return html`<fieldset><legend>Authorization</legend>
<p class="hint">Kept in this tab only, for all operations.</p>
<label>With <select name="scheme">${names.map((name) => schemeOption(name, schemes[name]))}${optional ? html`<option value="">nothing</option>` : ""}</select></label>
<label class="secret">Credential <input name="credential" type="password" autocomplete="off" spellcheck="false" /></label>
</fieldset>`;
}

/** The value says how the credential is sent; a Basic one is written as `client_id:client_secret`. */
const schemeOption = (name: string, scheme?: SecurityScheme) =>
  html`<option value="${name}" data-kind="${scheme?.type === "apiKey" ? `header ${scheme.name}` : (scheme?.scheme ?? "")}">${name}: ${scheme?.description ?? "a key"}</option>`;

function parameters(list: readonly Parameter[], schemas: Schemas) {
  if (list.length === 0) return "";
  return html`<fieldset><legend>Parameters</legend>
${list.map(
  (
    parameter,
  ) => html`<label><span><code>${parameter.name}</code> <span class="type">${parameter.in}${parameter.required ? ", required" : ""}, ${typeText(parameter.schema ?? {}, schemas)}</span></span>
${field(`${parameter.in} ${parameter.name}`, parameter.schema ?? {}, schemas, parameter.required === true)}
${parameter.description ? html`<span class="about">${prose(parameter.description)}</span>` : ""}</label>`,
)}
</fieldset>`;
}

function field(name: string, schema: Schema, schemas: Schemas, required: boolean) {
  const inner = resolved(schema, schemas);
  const demanded = required ? " required" : "";
  const values = inner.enum ?? (inner.type === "boolean" ? [true, false] : null);
  if (values)
    return html`<select name="${name}"${demanded}><option value=""></option>${values.map((value) => html`<option>${String(value)}</option>`)}</select>`;
  if (inner.format === "binary") return html`<input type="file" name="${name}"${demanded} />`;
  const hint = inner.example === undefined ? "" : String(inner.example);
  return html`<input name="${name}" placeholder="${hint}"${demanded} />`;
}

function body({ requestBody }: NamedOperation, schemas: Schemas) {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined || content === undefined) return "";
  return html`<fieldset data-type="${type}"><legend>Body: ${type}</legend>${bodyInputs(type, content, schemas)}</fieldset>`;
}

function bodyInputs(
  type: string,
  { schema = {}, example, examples }: { schema?: Schema; example?: unknown; examples?: object },
  schemas: Schemas,
) {
  if (type === "application/octet-stream" || type === "application/x-ndjson")
    return html`<label>File <input type="file" name="body" /></label>`;
  if (type === "application/json") {
    const [first] = Object.values((examples ?? {}) as Record<string, { value?: unknown }>);
    const text = exampleText(example ?? first?.value ?? resolved(schema, schemas).example ?? {});
    return html`<textarea name="body" rows="${Math.min(20, text.split("\n").length + 1)}" spellcheck="false" aria-label="Body">${text}</textarea>`;
  }
  const { properties = {}, required = [] } = resolved(schema, schemas);
  return Object.entries(properties).map(
    ([name, value]) => html`<label><span><code>${name}</code> <span class="type">${typeText(value, schemas)}</span></span>
${field(`field ${name}`, value, schemas, required.includes(name))}</label>`,
  );
}
