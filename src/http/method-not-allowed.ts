/** Tells a wrong method from an unknown path: Hono answers both with "not found". */
import type { Router } from "./router";

/** The methods that the path takes, by the routes that the router declares; none for an unknown path. */
export function allowedMethods(router: Router): (path: string) => string[] {
  const patterns = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  for (const definition of router.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { path, method } = definition.route;
    const known = patterns.get(path) ?? {
      pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`),
      methods: new Set(),
    };
    known.methods.add(method.toUpperCase());
    patterns.set(path, known);
  }
  return (path) => {
    const methods = new Set<string>();
    for (const known of patterns.values()) if (known.pattern.test(path)) for (const method of known.methods) methods.add(method);
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods];
  };
}
