/** The API's description as a document and as pages, and the guides. */
import type { Router } from "../router";
import { type ApiDocument, describeApi } from "./document";
import { mountGuides } from "./guides";
import { mountReference } from "./reference";

export function mountDocs(app: Router): void {
  let document: ApiDocument | undefined;
  const described = () => {
    document ??= describeApi(app);
    return document;
  };
  let text: string | undefined;
  app.get("/openapi.json", (c) => {
    text ??= JSON.stringify(described());
    c.header("Cache-Control", "public, max-age=300");
    return c.body(text, 200, { "Content-Type": "application/json" });
  });
  mountReference(app, described);
  mountGuides(app);
}
