export default {
  async fetch(request: Request, env: { DB: D1Database; QUEUE: Queue }): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/constant") return Response.json({ ok: true });
    if (pathname === "/send") {
      await env.QUEUE.send(await request.json());
      return Response.json({ ok: true }, { status: 202 });
    }
    return Response.json(await env.DB.prepare("SELECT 1 AS one").first());
  },
  queue(): void {},
};
