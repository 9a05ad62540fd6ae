/**
 * Replaces parts of zod that nothing here calls (see `alias` in wrangler.toml): its compiler, which Workers do not allow, and its reader of
 * JSON Schema.
 */
const [compile, fromJSONSchema, INVALID, withParser, ZodCompileAsyncError, ZodCompileUnsupportedError]: undefined[] = [];

export { compile, fromJSONSchema, INVALID, withParser, ZodCompileAsyncError, ZodCompileUnsupportedError };
