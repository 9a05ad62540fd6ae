export default {
  async fetch(request: Request, env: { DB: D1Database }): Promise<Response> {
    if (new URL(request.url).pathname === "/constant") return Response.json({ ok: true });
    return Response.json(await env.DB.prepare("SELECT 1 AS one").first());
  },
};
