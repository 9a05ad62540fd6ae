/**
 * Replaces the part of `@modelcontextprotocol/server` that differs by platform (see `alias` in wrangler.toml): a JSON Schema validator for
 * forms that a server has a client's user fill in. This server sends none.
 */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error("this server sends no forms");
  }
}
