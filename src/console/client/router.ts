/** Where the console is: the path below /console and the query, kept in the address bar. Every view has an address of its own. */
import { computed, signal } from "@preact/signals";
import { inOperatorArea, isOfOperator } from "./area";

const BASE = "/console";

type Place = { path: string; query: URLSearchParams };

const here = (): Place => ({
  path: location.pathname.slice(BASE.length).replace(/\/+$/, "") || "/",
  query: new URLSearchParams(location.search),
});

const place = signal<Place>(here());
export const path = computed(() => place.value.path);
export const query = computed(() => place.value.query);

addEventListener("popstate", () => {
  place.value = here();
});

/** Goes to another view: `/leads/ld_1?tab=history`. `replace`: the step back leads past this one, for a filter that is being typed. */
export function go(to: string, { replace = false } = {}): void {
  if (to === path.peek() + search(query.peek())) return;
  history[replace ? "replaceState" : "pushState"](null, "", BASE + to);
  place.value = here();
}

/** Changes parameters of the view; null removes one. */
export function setQuery(changes: Readonly<Record<string, string | null>>, { replace = true } = {}): void {
  const next = new URLSearchParams(query.peek());
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  go(path.peek() + search(next), { replace });
}

const search = (params: URLSearchParams): string => (params.size === 0 ? "" : `?${params}`);

/** The address of a view, for `href`. */
export const hrefOf = (to: string): string => BASE + to;

/** Follows links inside the console without loading a page; others, and those opened elsewhere, are the browser's. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element).closest("a");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hash || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname.startsWith(`${BASE}/provider/`) || isOfOperator(link.pathname) !== inOperatorArea) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(link.pathname.slice(BASE.length) + link.search);
}

/** The parts of a path that a pattern names: `/leads/:id` of `/leads/ld_1` is `{id: "ld_1"}`; null: it does not match. */
export function matchPath(pattern: string, actual: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split("/"), actual.split("/")];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    if (!part.startsWith(":")) {
      if (part !== value) return null;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return params;
}
