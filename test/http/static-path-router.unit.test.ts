import { expect, test } from "vitest";
import { StaticPathRouter } from "../../src/http/static-path-router";

function routerOf(...routes: [method: string, path: string][]): StaticPathRouter<string> {
  const router = new StaticPathRouter<string>();
  router.add("ALL", "/*", "every");
  for (const [method, path] of routes) router.add(method, path, `${method} ${path}`);
  return router;
}

const handlers = (router: StaticPathRouter<string>, method: string, path: string) =>
  router.match(method, path)[0].map(([handler]) => handler);

test("a path matches the same handlers the first time and every time after", () => {
  const router = routerOf(["GET", "/lead/by-alias"], ["GET", "/lead/:id"], ["POST", "/lead/by-alias"]);
  for (let time = 0; time < 3; time++) {
    expect(handlers(router, "GET", "/lead/by-alias")).toEqual(["every", "GET /lead/by-alias", "GET /lead/:id"]);
    expect(handlers(router, "POST", "/lead/by-alias")).toEqual(["every", "POST /lead/by-alias"]);
    expect(handlers(router, "DELETE", "/lead/by-alias")).toEqual(["every"]);
    expect(handlers(router, "BREW", "/lead/by-alias")).toEqual(["every"]);
  }
});

test("a parameter has the value of its own request", () => {
  const router = routerOf(["GET", "/lead/:id"]);
  const ids = ["a", "b", "a"].map((id) => {
    const [matches, stash] = router.match("GET", `/lead/${id}`);
    const params = matches.at(-1)?.[1] as Record<string, string | number>;
    return stash ? stash[params.id as number] : params.id;
  });
  expect(ids).toEqual(["a", "b", "a"]);
});
