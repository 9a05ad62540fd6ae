/**
 * Stands for the part of `@modelcontextprotocol/server` that differs by platform (see `alias` in wrangler.toml): its JSON Schema validator
 * checks the answers that a server elicits from a client, and this one elicits none.
 */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error("this server asks its clients for nothing");
  }
}
