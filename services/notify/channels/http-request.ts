import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AddressRefused } from '../address-guard.ts';
import type { Ground } from './channel.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** The first 16 KiB as text. */
  readonly text: string;
}

export type HttpResult =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  /** `refused` by our own guard; `timeout`; else what the socket said (`ECONNREFUSED`). */
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string };

export interface HttpCall {
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const answerBytes = 16 * 1024;

/**
 * One request to an address that a person entered: to an address that the guard allows and no other, no redirects, a
 * bounded answer, a bounded time. Never throws.
 */
export async function call(asked: HttpCall, ground: Ground): Promise<HttpResult> {
  const url = new URL(asked.url);
  let target: { address: string; family: 4 | 6 };
  try {
    target = await withTimeout(ground.guard.addressOf(url.hostname), ground);
  } catch (error) {
    const code = error instanceof AddressRefused ? 'refused' : codeOf(error);
    return { kind: 'failed', code, reason: (error as Error).message };
  }
  return new Promise((done) => {
    const body = Buffer.from(asked.body as string);
    const options: RequestOptions = {
      method: asked.method,
      headers: { 'user-agent': 'Parkwatch', ...asked.headers, 'content-length': String(body.length) },
      agent: false,
      // What was judged is what is connected to: the name is not looked up again.
      lookup: (_host, lookupOptions, answer) => {
        if (lookupOptions.all === true) answer(null, [target]);
        else answer(null, target.address, target.family);
      },
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, options);
    const failed = (error: Error) => {
      timer[Symbol.dispose]();
      done({ kind: 'failed', code: codeOf(error), reason: error.message });
    };
    const timer = ground.clock.after(ground.timeoutMs, () => request.destroy(timeoutError(ground.timeoutMs)));
    request.once('error', failed);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const finish = () => {
        timer[Symbol.dispose]();
        const text = Buffer.concat(chunks).subarray(0, answerBytes).toString('utf8');
        const retryAfterMs = secondsOf(response.headers['retry-after']);
        done({ kind: 'answer', answer: { status: response.statusCode ?? 0, retryAfterMs, text } });
        request.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= answerBytes) finish();
      });
      response.once('end', finish);
      response.once('error', failed);
    });
    request.end(body);
  });
}

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'timeout' });
}

function withTimeout<T>(promise: Promise<T>, { clock, timeoutMs }: Ground): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => reject(timeoutError(timeoutMs)));
    promise.then(resolve, reject).finally(() => timer[Symbol.dispose]());
  });
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'failed';
}

function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,5}$/.test(header) ? Number(header) * 1_000 : undefined;
}
