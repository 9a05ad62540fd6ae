import type { Result, Router } from "hono/router";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";

/** The caller chooses the method: what is kept for others would have no bound. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Hono's own router, which walks all routes for every request; the matches of paths without parameters are found once and kept. */
export class StaticPathRouter<T> implements Router<T> {
  readonly name = "StaticPathRouter";
  readonly #router: Router<T> = new SmartRouter<T>({ routers: [new RegExpRouter<T>(), new TrieRouter<T>()] });
  readonly #paths = new Set<string>();
  readonly #matches = new Map<string, Result<T>>();

  add(method: string, path: string, handler: T): void {
    if (!/[:*]/.test(path)) this.#paths.add(path);
    this.#router.add(method, path, handler);
  }

  match(method: string, path: string): Result<T> {
    if (!this.#paths.has(path) || !METHODS.has(method)) return this.#router.match(method, path);
    const key = `${method} ${path}`;
    const match = this.#matches.get(key) ?? this.#router.match(method, path);
    this.#matches.set(key, match);
    return match;
  }
}
