import type { ErrorCode } from '#schemas/errors.ts';
import type { Access, TokenScope } from '#schemas/roles.ts';
import type { Authenticated } from './plugin.ts';

/** What the decision about one request rests on. */
export interface AccessQuestion {
  readonly access: Access | undefined;
  readonly sessionOnly: boolean;
  readonly pendingPassword: boolean;
  readonly method: string;
  readonly authenticated: Authenticated | null;
  /** The request comes from this machine and no proxy stands between. */
  readonly local: boolean;
  /** The credential was the cookie, which browsers send by themselves. */
  readonly byCookie: boolean;
  readonly sameOrigin: boolean;
  /** The request carries the secret that an external broker was given. */
  readonly byBroker: boolean;
}

export type AccessDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: ErrorCode; readonly reason: string };

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const allowed: AccessDecision = { allowed: true };

const refuse = (code: ErrorCode, reason: string): AccessDecision => ({ allowed: false, code, reason });

/** Whether a request may go on; nothing that is not said to be allowed is. */
export function decideAccess(question: AccessQuestion): AccessDecision {
  const { access, authenticated } = question;
  if (access === undefined) return refuse('forbidden', 'The route serves nobody.');
  if (access === 'public') return allowed;
  if (access === 'metrics') return decideMetrics(question);
  if (access === 'broker') {
    return question.byBroker ? allowed : refuse('not-authenticated', 'Send the secret of this broker.');
  }
  if (authenticated === null) return refuse('not-authenticated', 'Log in, or send a valid token.');
  if (question.byCookie && !safeMethods.has(question.method) && !question.sameOrigin) {
    return refuse('forbidden', 'The request does not come from a page of this server.');
  }
  const { principal } = authenticated;
  if (principal.scopes !== null) {
    if (question.sessionOnly) return refuse('forbidden', 'An API token may not do this; log in.');
    const scope: TokenScope = safeMethods.has(question.method) ? 'read' : 'write';
    if (!principal.scopes.includes(scope)) return refuse('forbidden', `The token lacks the scope ${scope}.`);
  }
  if (authenticated.mustChangePassword && !question.pendingPassword) {
    return refuse('password-change-required', 'Replace the one-time password by one of your own.');
  }
  if (access === 'self' || access.includes(principal.role)) return allowed;
  return refuse('forbidden', `The role ${principal.role} is not among ${access.join(', ')}.`);
}

function decideMetrics({ local, authenticated }: AccessQuestion): AccessDecision {
  if (local || (authenticated?.principal.scopes?.includes('metrics') ?? false)) return allowed;
  return authenticated === null
    ? refuse('not-authenticated', 'Send a token with the scope metrics.')
    : refuse('forbidden', 'The token lacks the scope metrics.');
}

/** The headers that say where a request comes from. */
export interface OriginHeaders {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/**
 * Whether a browser made the request from a page of ours. Without either header nothing is known, and that is a no.
 * @param publicUrl how people reach us when a proxy changes the Host header
 */
export function isSameOrigin(headers: OriginHeaders, publicUrl: string | undefined): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  if (headers.origin === undefined || !URL.canParse(headers.origin)) return false;
  const origin = new URL(headers.origin);
  if (origin.host === headers.host) return true;
  return publicUrl !== undefined && origin.origin === new URL(publicUrl).origin;
}

const loopbackAddresses = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const loopbackHosts = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
const proxyHeaders = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'x-real-ip',
  'via',
] as const;

/**
 * Whether the other end of the socket is on this machine and speaks for itself. A proxy on this machine speaks for
 * others, and says so in a header, or passes on the name it was asked by; so does the browser of somebody here whom a
 * page made believe that its own name is ours.
 */
export function isLocalRequest(
  remoteAddress: string | undefined,
  headers: Readonly<Record<string, unknown>>,
): boolean {
  return (
    remoteAddress !== undefined &&
    loopbackAddresses.test(remoteAddress) &&
    loopbackHosts.test(String(headers['host'])) &&
    proxyHeaders.every((name) => headers[name] === undefined)
  );
}
