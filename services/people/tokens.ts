import { createHash, randomBytes } from 'node:crypto';

/** What kind of token a text is stands at its front, so that a leaked one can be recognised. */
const prefixes = { session: 'pws_', api: 'pwt_', invitation: 'pwi_' } as const;
export type TokenKind = keyof typeof prefixes;

const secretBytes = 32;

/** A new secret of 256 bits, and what is stored of it. */
export function newToken(kind: TokenKind): { readonly text: string; readonly hash: Buffer } {
  const text = prefixes[kind] + randomBytes(secretBytes).toString('base64url');
  return { text, hash: hashToken(text) };
}

/** The SHA-256 that stands for a token in the store: it has 256 random bits, so it needs no salt and no stretching. */
export function hashToken(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Null when the text is no token of ours. */
export function tokenKind(text: string): Exclude<TokenKind, 'invitation'> | null {
  if (text.startsWith(prefixes.session)) return 'session';
  return text.startsWith(prefixes.api) ? 'api' : null;
}
