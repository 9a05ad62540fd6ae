// Runs in the reader's browser: filters the list of operations, and sends the form of an operation.
const find = (id) => document.getElementById(id);
const STORE = "leadedge-credentials";

function filterList() {
  const input = find("filter");
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of document.querySelectorAll(".group")) {
      let shown = 0;
      for (const item of group.querySelectorAll("li")) {
        const text = (item.textContent + item.firstElementChild.getAttribute("href")).toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        if (!item.hidden) shown++;
      }
      group.hidden = shown === 0;
    }
  };
  input.addEventListener("input", apply);
  apply();
}

const stored = () => JSON.parse(sessionStorage.getItem(STORE) ?? "{}");

function keepCredentials(form) {
  const { scheme, credential } = form.elements;
  if (!scheme) return;
  const known = stored();
  const usable = [...scheme.options].find((option) => known[option.value]);
  if (usable) scheme.value = usable.value;
  const show = () => {
    credential.value = stored()[scheme.value] ?? "";
    const option = scheme.selectedOptions[0];
    credential.placeholder = option?.dataset.kind === "basic" ? "client_id:client_secret" : "";
    credential.disabled = scheme.value === "";
  };
  scheme.addEventListener("change", show);
  credential.addEventListener("input", () =>
    sessionStorage.setItem(STORE, JSON.stringify({ ...stored(), [scheme.value]: credential.value })),
  );
  show();
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

function credentialHeaders(form) {
  const { scheme, credential } = form.elements;
  const kind = scheme?.selectedOptions[0]?.dataset.kind;
  if (!kind || credential.value === "") return [];
  if (kind.startsWith("header ")) return [[kind.slice(7), credential.value]];
  return [["Authorization", kind === "basic" ? `Basic ${base64(credential.value)}` : `Bearer ${credential.value}`]];
}

/** The request that the form describes. `parts`: the fields of a multipart body. */
function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = credentialHeaders(form);
  const parts = [];
  let body;
  for (const input of form.elements) {
    const [place, name] = input.name?.split(" ") ?? [];
    const file = input.type === "file" ? input.files[0] : undefined;
    if (input.name === "body") body = file ?? (input.type === "file" ? undefined : input.value);
    if (input.value === "" || name === undefined) continue;
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(input.value));
    if (place === "query") query.append(name, input.value);
    if (place === "header") headers.push([name, input.value]);
    if (place === "field") parts.push([name, file ?? input.value]);
  }
  const type = form.querySelector("[data-type]")?.dataset.type;
  if (type && body !== undefined) headers.push(["Content-Type", type]);
  const search = query.size > 0 ? `?${query}` : "";
  return { url: location.origin + path + search, method: form.dataset.method, headers, type, body, parts };
}

function bodyOf({ type, body, parts }) {
  if (parts.length === 0) return body;
  if (type === "application/x-www-form-urlencoded") return new URLSearchParams(parts);
  const form = new FormData();
  for (const [name, value] of parts) form.append(name, value);
  return form;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const named = (value) => (value instanceof File ? `@${value.name}` : value);

/** The same request for a shell, without the credential. */
function commandOf({ url, method, headers, type, body, parts }) {
  const words = [`curl -X ${method} ${quoted(url)}`];
  for (const [name, value] of headers)
    words.push(`-H ${quoted(`${name}: ${/authorization|key$/i.test(name) ? value.replace(/\S+$/, "…") : value}`)}`);
  const flag = type === "multipart/form-data" ? "-F" : "--data-urlencode";
  for (const [name, value] of parts) words.push(`${flag} ${quoted(`${name}=${named(value)}`)}`);
  if (body !== undefined && parts.length === 0) words.push(`--data-binary ${quoted(named(body))}`);
  return words.join(" \\\n  ");
}

async function send(form) {
  const request = requestOf(form);
  const abort = new AbortController();
  find("answer").hidden = false;
  find("file").hidden = true;
  find("stop").hidden = false;
  find("stop").onclick = () => abort.abort();
  find("status").textContent = "…";
  find("text").textContent = find("headers").textContent = "";
  const startedAt = performance.now();
  try {
    const { method, headers } = request;
    const answer = await fetch(request.url, { method, headers, body: bodyOf(request), signal: abort.signal });
    find("status").textContent = `${answer.status} ${answer.statusText} in ${Math.round(performance.now() - startedAt)} ms`;
    find("headers").textContent = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    await show(answer);
  } catch (error) {
    find("status").textContent = error.name === "AbortError" ? "Stopped" : `Not sent: ${error.message}`;
  }
  find("stop").hidden = true;
}

/** Text as it comes, so that a stream shows; anything else as a file. */
async function show(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  const name = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  if (name || !/json|text|xml|^$/.test(type)) {
    const link = find("file");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name ?? "response";
    link.hidden = false;
    return;
  }
  const output = find("text");
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader.read()) output.textContent += piece.value;
  if (/json/.test(type) && !/ndjson/.test(type)) output.textContent = JSON.stringify(JSON.parse(output.textContent), null, 2);
}

if (find("filter")) filterList();
const form = find("try");
if (form) {
  keepCredentials(form);
  const showCommand = () => {
    find("command").textContent = commandOf(requestOf(form));
  };
  form.addEventListener("input", showCommand);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form);
  });
  showCommand();
}
