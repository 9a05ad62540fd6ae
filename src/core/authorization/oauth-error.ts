/** A refusal in the words of RFC 6749, 7591 and 8707. `message` is safe to show to the client. */
export class OAuthError extends Error {
  constructor(
    readonly error:
      | "access_denied"
      | "invalid_client"
      | "invalid_client_metadata"
      | "invalid_grant"
      | "invalid_redirect_uri"
      | "invalid_request"
      | "invalid_scope"
      | "invalid_target"
      | "unsupported_grant_type"
      | "unsupported_response_type",
    message: string,
  ) {
    super(message);
    this.name = "OAuthError";
  }
}
