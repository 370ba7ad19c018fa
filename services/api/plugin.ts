import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Access, Role, TokenScope } from '#schemas/roles.ts';

/** Who makes a request. `scopes` is null for a session (it may do all that its role may). */
export interface Principal {
  readonly userId: string;
  /** As the journals name them: the user name, or `token:{owner}/{name}`. */
  readonly actor: string;
  readonly role: Role;
  readonly scopes: readonly TokenScope[] | null;
  /** The session this request came with; null for a token. */
  readonly sessionId: string | null;
}

/** Who stands behind a session token or an API token. */
export interface Authenticated {
  readonly principal: Principal;
  /** Logged in with a one-time password: may choose an own one, and nothing else. */
  readonly mustChangePassword: boolean;
}

/** Turns the text of a token into who it stands for; null when it is unknown, expired, ended, or its user disabled. */
export interface Authenticator {
  authenticate(token: string): Promise<Authenticated | null>;
}

/** The cookie that carries a session of the console. */
export const sessionCookieName = 'parkwatch_session';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whom the route serves; a route without it stops the start (deny by default). */
    access?: Access;
    /** API tokens are refused: accounts and credentials are changed by people who logged in. */
    sessionOnly?: boolean;
    /** Also open to who has yet to replace a one-time password. */
    pendingPassword?: boolean;
  }
  interface FastifyRequest {
    /** Null on public routes that nobody logged in for. */
    principal: Principal | null;
  }
}

/** A Fastify instance whose schemas are zod: what a capability's `…Routes(api, deps)` receives, under `/api/v1`. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who makes a request of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`${request.routeOptions.url} ran without a principal`);
  return request.principal;
}
