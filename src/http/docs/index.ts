/** The API's description as a document and as pages, and the guides. */
import { createRouter, type Router } from "../router";
import { type ApiDocument, describeApi } from "./document";
import { mountGuides } from "./guides";
import { mountReference } from "./reference";

/** `application`: all routes that are described; called once. */
export function docs(application: () => Promise<Router>): Router {
  const router = createRouter();
  let document: ApiDocument | undefined;
  const described = async () => {
    document ??= describeApi(await application());
    return document;
  };
  let text: string | undefined;
  router.get("/openapi.json", async (c) => {
    text ??= JSON.stringify(await described());
    c.header("Cache-Control", "public, max-age=300");
    return c.body(text, 200, { "Content-Type": "application/json" });
  });
  mountReference(router, described);
  mountGuides(router);
  return router;
}
