import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { isMetadataAddress, lookupButMetadata, MetadataAddress } from '#infra/metadata-address.ts';
import { answerChallenge, readChallenge, type Login } from './digest.ts';
import { readRtsp, readSdp, rtspLimits, type RtspAnswer, type StreamDescription } from './rtsp-message.ts';

export interface RtspTarget {
  /** `rtsp://host:port/path`, without credentials. */
  readonly url: string;
  readonly login: Login | undefined;
}

export type RtspResult =
  | { readonly kind: 'stream'; readonly description: StreamDescription }
  /** It answers, and has no such stream. */
  | { readonly kind: 'no-stream'; readonly detail: string }
  /** It answers, and does not let us in. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'silent'; readonly detail: string };

const defaultPort = 554;
const acceptSdp = 'Accept: application/sdp';

/**
 * Asks a stream for its description over one connection: OPTIONS, DESCRIBE, and DESCRIBE again with the login when
 * asked for one. Never plays anything.
 * @param signal ends it; then it is silent
 */
export async function describeStream(target: RtspTarget, signal: AbortSignal): Promise<RtspResult> {
  if (isMetadataAddress(new URL(target.url).hostname)) {
    return { kind: 'silent', detail: new MetadataAddress().message };
  }
  const line = openLine(target.url, signal);
  try {
    await line.ask('OPTIONS', []);
    let answer = await line.ask('DESCRIBE', [acceptSdp]);
    const challenge = readChallenge(answer.headers.get('www-authenticate') ?? []);
    if (answer.status === 401 && challenge !== null && target.login !== undefined) {
      const clientNonce = randomBytes(8).toString('hex');
      const request = { method: 'DESCRIBE', uri: target.url, clientNonce };
      const authorization = answerChallenge(challenge, target.login, request);
      answer = await line.ask('DESCRIBE', [acceptSdp, `Authorization: ${authorization}`]);
    }
    return judge(answer);
  } catch (error) {
    return { kind: 'silent', detail: (error as Error).message };
  } finally {
    line[Symbol.dispose]();
  }
}

function judge({ status, body }: RtspAnswer): RtspResult {
  if (status === 401 || status === 403) return { kind: 'refused', detail: `RTSP answers ${status}` };
  if (status !== 200) return { kind: 'no-stream', detail: `RTSP answers ${status}` };
  const description = readSdp(body);
  return description.hasVideo
    ? { kind: 'stream', description }
    : { kind: 'no-stream', detail: 'the stream has no video' };
}

interface Line extends Disposable {
  ask(method: string, headers: readonly string[]): Promise<RtspAnswer>;
}

/** One request at a time; what fails the connection fails the request that waits. */
function openLine(url: string, signal: AbortSignal): Line {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port || defaultPort), lookup: lookupButMetadata });
  let received = Buffer.alloc(0);
  let waiting: PromiseWithResolvers<RtspAnswer> | undefined;
  let failure: Error | undefined;
  let sequence = 0;
  const fail = (detail: string) => {
    failure ??= new Error(detail);
    waiting?.reject(failure);
    waiting = undefined;
    socket.destroy();
  };
  const onAbort = () => fail('no answer in time');
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  socket.setNoDelay(true);
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'the connection failed'));
  socket.on('close', () => fail('the connection was closed'));
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    const read = readRtsp(received);
    if (read.kind === 'wrong') fail(read.detail);
    else if (received.length > rtspLimits.headerBytes + rtspLimits.bodyBytes) fail('it sends too much');
    if (read.kind !== 'answer') return;
    received = received.subarray(read.bytes);
    waiting?.resolve(read.answer);
    waiting = undefined;
  });
  return {
    ask(method, headers) {
      if (failure !== undefined) return Promise.reject(failure);
      waiting = Promise.withResolvers();
      sequence += 1;
      const lines = [`${method} ${url} RTSP/1.0`, `CSeq: ${sequence}`, 'User-Agent: Parkwatch', ...headers];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      return waiting.promise;
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    },
  };
}
