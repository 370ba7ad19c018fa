import { randomBytes } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isMetadataAddress, lookupButMetadata, MetadataAddress } from '#infra/metadata-address.ts';
import { answerChallenge, readChallenge, type Login } from './digest.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly challenges: readonly string[];
}

/** There is an answer, and more of it than is taken. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

/** What a camera may answer. */
export const httpLimits = { bodyBytes: 512 * 1024 } as const;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/**
 * One exchange; no redirect is followed: it could lead anywhere, with our login. Nor is a cloud asked for secrets of this
 * machine, whoever configured that as a camera: what is answered can be read.
 * @throws Error in a few words when there is no answer, or one that is too long
 */
export function exchange({ method, url, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
  if (isMetadataAddress(url.hostname)) return Promise.reject(new MetadataAddress());
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length }, signal, lookup: lookupButMetadata };
  const sent = send(url, options, (answer) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > httpLimits.bodyBytes) sent.destroy(new AnswerTooLong('the answer is too long'));
    });
    answer.on('error', fail);
    answer.on('end', () => {
      const challenges = answer.headersDistinct['www-authenticate'] ?? [];
      resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), challenges });
    });
  });
  const fail = (error: NodeJS.ErrnoException) =>
    reject(
      error instanceof AnswerTooLong
        ? error
        : new Error(error.name === 'AbortError' ? 'no answer in time' : (error.code ?? error.message)),
    );
  sent.on('error', fail);
  sent.end(body);
  return promise;
}

/**
 * The same, and once more with a digest login where the answer asks for one.
 * @throws Error as {@link exchange}
 */
export async function exchangeWithLogin(asked: HttpRequest, login: Login | undefined): Promise<HttpAnswer> {
  const answer = await exchange(asked);
  const challenge = readChallenge(answer.challenges);
  if (answer.status !== 401 || challenge === null || login === undefined) return answer;
  const clientNonce = randomBytes(8).toString('hex');
  const uri = asked.url.pathname + asked.url.search;
  const authorization = answerChallenge(challenge, login, { method: asked.method, uri, clientNonce });
  return exchange({ ...asked, headers: { ...asked.headers, authorization } });
}
