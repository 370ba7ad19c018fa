import type { Problem } from '#schemas/api/common.ts';
import { errorTable, ParkError, type ErrorCode } from '#schemas/errors.ts';

/**
 * RFC 9457 body of an expected failure. `type` is a stable address of the code's description.
 * @param request.language its Accept-Language: the title is Chinese for who asks for Chinese first
 */
export function toProblem(
  error: ParkError,
  request: { readonly instance: string; readonly language: string | undefined },
): Problem {
  const { instance, language = '' } = request;
  return {
    type: `urn:parkwatch:error:${error.code}`,
    title: errorTable[error.code][/^\s*zh\b/i.test(language) ? 'zh' : 'en'],
    status: error.status,
    code: error.code,
    detail: error.message,
    instance,
    ...(error.errors.length > 0 ? { errors: [...error.errors] } : {}),
  };
}

/** Errors of Fastify itself, by their codes. */
const fastifyCodes: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too-large', detail: 'The body is larger than this route takes.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    detail: 'The Content-Type is not one that this route takes.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid-request', detail: 'The body is empty; JSON was expected.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid-request', detail: 'The body is not JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid-request',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_BAD_URL: { code: 'not-found', detail: 'The address is not a valid one.' },
  FST_STATIC_FORBIDDEN_PATH: { code: 'not-found', detail: 'The address is not a valid one.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not-found', detail: 'A part of the address is too long.' },
};

/** SQLSTATE classes and system errors that say the database cannot be reached, rather than that we asked wrongly. */
const awayCodes = /^(08...|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)$/;
/** pg says these without any code. */
const awayMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
];

function isDatabaseAway(error: Error & { code?: unknown }): boolean {
  return (
    (typeof error.code === 'string' && awayCodes.test(error.code)) ||
    awayMessages.some((message) => error.message.startsWith(message))
  );
}

/**
 * What a thrown thing means to the caller. `unexpected` is true for bugs: those are logged, and nothing of them is
 * told.
 */
export function toParkError(thrown: unknown): { error: ParkError; unexpected: boolean } {
  if (thrown instanceof ParkError) return { error: thrown, unexpected: false };
  if (thrown instanceof Error) {
    const known = fastifyCodes[String((thrown as { code?: unknown }).code)];
    if (known !== undefined) return { error: new ParkError(known.code, known.detail), unexpected: false };
    if (thrown instanceof SyntaxError && (thrown as { statusCode?: unknown }).statusCode === 400) {
      return { error: new ParkError('invalid-request', 'The body is not JSON.'), unexpected: false };
    }
    if (isDatabaseAway(thrown)) {
      return { error: new ParkError('unavailable', 'The database does not answer.'), unexpected: true };
    }
  }
  return { error: new ParkError('internal', 'The cause stands in the log of the server.'), unexpected: true };
}
