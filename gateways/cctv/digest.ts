import { createHash } from 'node:crypto';

/** Digest authentication of HTTP and RTSP (RFC 7616, and RFC 2617 which most cameras speak). */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** True when the server understands `qop=auth`. */
  readonly qop: boolean;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

export interface DigestRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly uri: string;
  /** A random text of ours. */
  readonly clientNonce: string;
}

/** A header longer than this is no challenge. */
const headerCharacters = 2_048;
const headersMost = 8;

/**
 * The best challenge that we can answer; null when there is none. `Basic` is never answered: it would send the
 * password in clear to whoever asks for it.
 * @param headers every `WWW-Authenticate` of the answer
 */
export function readChallenge(headers: readonly string[]): Challenge | null {
  const challenges = headers.slice(0, headersMost).flatMap((header) => readOne(header) ?? []);
  return challenges.find(({ algorithm }) => algorithm === 'SHA-256') ?? challenges[0] ?? null;
}

function readOne(header: string): Challenge | null {
  if (header.length > headerCharacters || !/^digest\s/i.test(header)) return null;
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, bare] of header
    .slice(7)
    .matchAll(/([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)) {
    fields.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  const [realm, nonce] = [fields.get('realm'), fields.get('nonce')];
  const algorithm = (fields.get('algorithm') ?? 'MD5').toUpperCase();
  if (realm === undefined || nonce === undefined) return null;
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return null;
  const offered = fields.get('qop');
  const qop = offered?.split(',').some((one) => one.trim().toLowerCase() === 'auth') ?? false;
  if (offered !== undefined && !qop) return null;
  return { realm, nonce, opaque: fields.get('opaque'), algorithm, qop };
}

/** The `Authorization` that answers a challenge; each is used once, so the count is always the first. */
export function answerChallenge(challenge: Challenge, login: Login, request: DigestRequest): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const digest = (...parts: readonly string[]) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(parts.join(':'))
      .digest('hex');
  const secret = digest(login.username, realm, login.password);
  const asked = digest(request.method, request.uri);
  const count = '00000001';
  const response = qop
    ? digest(secret, nonce, count, request.clientNonce, 'auth', asked)
    : digest(secret, nonce, asked);
  const fields = [
    `username="${quotable(login.username)}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${request.uri}"`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(qop ? ['qop=auth', `nc=${count}`, `cnonce="${request.clientNonce}"`] : []),
  ];
  return `Digest ${fields.join(', ')}`;
}

function quotable(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
