import { createHash, randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock } from '#infra/clock.ts';
import type { CctvCamera } from '#schemas/cctv.ts';
import {
  onvifBody,
  sdp,
  soapAnswer,
  soapFault,
  type CameraFault,
  type CameraState,
} from './camera-answers.ts';

/** Cameras that speak ONVIF and RTSP on loopback, each with a fault or none; both ask for a login. */
export interface SimulatedCameras extends AsyncDisposable {
  /** As a gateway is configured to ask them, without a login. */
  readonly cameras: readonly CctvCamera[];
  setFault(id: string, fault: CameraFault | null): void;
  /** Requests answered or refused, of both protocols. */
  readonly requests: number;
  /** Of them those that came without the right login where one is needed. */
  readonly refused: number;
}

export interface SimulatedCamerasOptions {
  readonly ids: readonly string[];
  readonly login: { readonly username: string; readonly password: string };
  readonly clock: Clock;
  /** What each camera keeps. */
  readonly retentionDays?: number;
}

const dayMs = 86_400_000;
/** A camera that lost its clock begins anew in 2000. */
const lostClockMs = Date.UTC(2000, 0, 1);
/** A token older than this is refused, as real cameras do. */
const tokenAgeMs = 30_000;
const bodyBytesMost = 64 * 1024;
const realm = 'simulated camera';

export async function startSimulatedCameras(options: SimulatedCamerasOptions): Promise<SimulatedCameras> {
  const { ids, login, clock, retentionDays = 30 } = options;
  const faults = new Map<string, CameraFault | null>(ids.map((id) => [id, null]));
  const counts = { requests: 0, refused: 0 };
  const nonce = randomBytes(12).toString('hex');
  const startedMs = clock.nowMs();
  const sockets = new Set<Socket>();
  let base = '';
  const stateOf = (id: string): CameraState | undefined => {
    const fault = faults.get(id);
    if (fault === undefined) return undefined;
    const nowMs = fault === 'clock-lost' ? lostClockMs + clock.nowMs() - startedMs : clock.nowMs();
    const size = { widthPx: 1920, heightPx: 1080 };
    return { id, fault, nowMs, earliestMs: nowMs - retentionDays * dayMs, ...size, base: `${base}/${id}` };
  };

  const answerHttp = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counts.requests += 1;
    const camera = stateOf(request.url?.split('/')[1] ?? '');
    if (camera === undefined || camera.fault === 'offline') return void request.socket.destroy();
    if (camera.fault === 'slow') return;
    const asked = await readBody(request);
    response.setHeader('content-type', 'application/soap+xml; charset=utf-8');
    if (camera.fault === 'garbage') return void response.end('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>');
    if (!asked.includes('<GetSystemDateAndTime') && !hasToken(asked, login, camera.nowMs)) {
      counts.refused += 1;
      return void response.writeHead(400).end(soapFault('NotAuthorized', 'Sender not authorized'));
    }
    const body = onvifBody(asked, camera);
    if (body === undefined)
      return void response.writeHead(500).end(soapFault('ActionNotSupported', 'Not supported'));
    response.end(soapAnswer(body));
  };
  const answerRtsp = (text: string, socket: Socket): void => {
    counts.requests += 1;
    const [, method = '', url = ''] = /^(\S+) (\S+) RTSP/.exec(text) ?? [];
    const sequence = /^CSeq: (\d+)/im.exec(text)?.[1] ?? '0';
    const camera = stateOf(URL.canParse(url) ? new URL(url).pathname.slice(1) : '');
    const send = (status: string, headers: readonly string[] = [], body = '') =>
      socket.write([`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, ...headers, '', body].join('\r\n'));
    if (camera === undefined || camera.fault === 'offline') return void socket.destroy();
    if (camera.fault === 'slow') return;
    if (camera.fault === 'garbage') return void socket.write('HTTP/1.1 200 OK\r\n\r\n');
    if (method === 'OPTIONS') return void send('200 OK', ['Public: OPTIONS, DESCRIBE']);
    if (!hasDigest(text, { url, method, nonce, login })) {
      counts.refused += 1;
      return void send('401 Unauthorized', [`WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}"`]);
    }
    if (camera.fault === 'signal-loss') return void send('404 Stream Not Found');
    const body = sdp(camera);
    send('200 OK', ['Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(body)}`], body);
  };

  const http = createHttpServer((request, response) => {
    answerHttp(request, response).catch(() => request.socket.destroy());
  });
  const rtsp = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => answerRtsp(bytes.toString('latin1'), socket));
  });
  const [httpPort, rtspPort] = [await listen(http), await listen(rtsp)];
  base = `http://127.0.0.1:${httpPort}`;
  return {
    cameras: ids.map((id) => ({
      deviceId: id,
      class: 'camera',
      onvif: `${base}/${id}/onvif/device_service`,
      rtsp: `rtsp://127.0.0.1:${rtspPort}/${id}`,
    })),
    setFault: (id, fault) => faults.set(id, fault),
    get requests() {
      return counts.requests;
    },
    get refused() {
      return counts.refused;
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await Promise.all([http, rtsp].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMost) throw new Error('the request is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Login = SimulatedCamerasOptions['login'];

/** WS-Security Username Token Profile 1.0, checked as a camera does. */
function hasToken(request: string, { username, password }: Login, nowMs: number): boolean {
  const part = (name: string) => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(request)?.[1] ?? '';
  const created = part('Created');
  const digest = createHash('sha1')
    .update(Buffer.from(part('Nonce'), 'base64'))
    .update(created)
    .update(password)
    .digest('base64');
  const isFresh = Math.abs(Date.parse(created) - nowMs) < tokenAgeMs;
  return part('Username') === username && part('Password') === digest && isFresh;
}

function hasDigest(
  request: string,
  given: { readonly url: string; readonly method: string; readonly nonce: string; readonly login: Login },
): boolean {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const { url, method, nonce, login } = given;
  const secret = md5(`${login.username}:${realm}:${login.password}`);
  return request.includes(`response="${md5(`${secret}:${nonce}:${md5(`${method}:${url}`)}`)}"`);
}
