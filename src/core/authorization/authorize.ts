/** Somebody decides on a client's request. */
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import type { Role } from "../../vocabulary";
import { createGrant, includesRole, roleOf } from "../auth";
import { type AuthorizationRequest, errorUrl, type ReviewCtx, reviewRequest } from "./authorization-request";
import { OAuthError } from "./oauth-error";
import { redirectHost, withParameters } from "./redirect-uri";

/** Where a request comes from, as the wiring knows it. */
export type Service = Pick<ReviewCtx, "origin" | "resources">;

export type ConsentView = {
  client: { name: string; host: string | null };
  /** the host that the browser goes to afterwards; null: a program on this device */
  redirect_host: string | null;
  resource: string | null;
  /** those that the caller may grant, least first */
  roles: readonly Role[];
  /** where to go to refuse */
  deny_url: string;
};

/** What the page of consent shows. No D1 round trip. Throws invalid_request. */
export async function viewAuthorization(ctx: Ctx, service: Service, query: string): Promise<ConsentView> {
  const request = await requireValid(ctx, service, query);
  const { client, redirect_uri, resource } = request;
  const denied = new OAuthError("access_denied", "The request was refused");
  return {
    client: { name: client.name, host: client.host },
    redirect_host: redirectHost(redirect_uri),
    resource,
    roles: grantable(ctx, request),
    deny_url: errorUrl(service, request, denied),
  };
}

/**
 * Allows the client in, with a role in the unit of the context; returns where to send the browser, with a code that is good for a minute.
 * Needs that role. Two D1 round trips. Throws forbidden, invalid_request, unauthenticated.
 */
export async function approveAuthorization(
  ctx: Ctx,
  service: Service,
  { query, role }: { query: string; role: Role },
): Promise<{ redirect_to: string }> {
  const request = await requireValid(ctx, service, query);
  if (!request.roles.includes(role)) throw new AppError("forbidden", `The client did not request the role ${role}`);
  const { client, redirect_uri, code_challenge, resource, state } = request;
  const terms = { client_id: client.client_id, redirect_uri, code_challenge, resource };
  const code = await createGrant(ctx, { role, name: client.host === null ? client.name : `${client.name} (${client.host})`, terms });
  return { redirect_to: withParameters(redirect_uri, { code, state, iss: service.origin }) };
}

const grantable = ({ actor }: Ctx, { roles }: AuthorizationRequest): readonly Role[] =>
  roles.filter((role) => includesRole(roleOf(actor), role));

async function requireValid(ctx: Ctx, service: Service, query: string): Promise<AuthorizationRequest> {
  const review = await reviewRequest({ ...ctx, ...service }, new URLSearchParams(query));
  if (review.outcome === "valid") return review.request;
  const why = review.outcome === "refused" ? review.refusal.message : new URL(review.to).searchParams.get("error_description");
  throw new AppError("invalid_request", `This request cannot be granted: ${why}`);
}
