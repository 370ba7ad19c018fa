import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localClock, localText } from '../mapping/local-clock.ts';

/**
 * A video platform that tells of its channels page by page, as platforms of GB/T 28181 export them: a list of channels
 * by their 20-digit codes, ON or OFF, with what the recorder keeps.
 */
export interface SimulatedVideoPlatform extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly channels: Map<string, SimulatedChannel>;
  /** What is recorded of a channel in a stretch of time, epoch milliseconds. */
  recordings: (channelId: string, stretch: Recorded) => readonly Recorded[];
  /** `away`: closes every connection; `refusing`: 403; `garbage`: no JSON. */
  fault: 'away' | 'refusing' | 'garbage' | null;
  readonly requests: readonly string[];
}

export interface SimulatedChannel {
  readonly status: 'ON' | 'OFF';
  readonly recording: boolean;
  /** Of platforms that tell them with their list. */
  readonly keptDays?: number;
  readonly recordedMinutesToday?: number;
}

export interface Recorded {
  readonly fromMs: number;
  readonly toMs: number;
}

const requestsKept = 10_000;
const form = { format: 'YYYY-MM-DD HH:mm:ss', zone: 'Asia/Shanghai' } as const;
const readLocal = localClock(form.format, form.zone);
const writeLocal = localText(form.format, form.zone);
const recordsPath = /^\/api\/records\/(\d+)$/;

/** @param token what the header `api-key` has to carry */
export async function startSimulatedVideoPlatform(token: string): Promise<SimulatedVideoPlatform> {
  const channels = new Map<string, SimulatedChannel>();
  const requests: string[] = [];
  const isKnown = (given: unknown) => {
    const [a, b] = [Buffer.from(String(given)), Buffer.from(token)];
    return a.length === b.length && timingSafeEqual(a, b);
  };
  const server = createServer((request, response): void => {
    if (requests.length < requestsKept) requests.push(request.url ?? '');
    if (platform.fault === 'away') return void request.socket.destroy();
    if (platform.fault === 'refusing' || !isKnown(request.headers['api-key']))
      return void response.writeHead(403).end('{"code":403}');
    response.setHeader('content-type', 'application/json');
    if (platform.fault === 'garbage') return void response.end('<html>maintenance</html>');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const recorded = recordsPath.exec(pathname)?.[1];
    if (recorded !== undefined) return void response.end(recordList(platform, recorded, searchParams));
    if (pathname !== '/api/channels') return void response.writeHead(404).end('{"code":404}');
    const [page, count] = [Number(searchParams.get('page')), Number(searchParams.get('count'))];
    const list = [...channels]
      .slice((page - 1) * count, page * count)
      .map(([channelId, channel]) => ({ channelId, ...channel }));
    response.end(JSON.stringify({ code: 0, msg: '成功', data: { total: channels.size, list } }));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  const platform: SimulatedVideoPlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    channels,
    recordings: () => [],
    fault: null,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return platform;
}

/** As an answer to a record query of GB/T 28181 is passed on. */
function recordList(
  { recordings }: SimulatedVideoPlatform,
  channelId: string,
  asked: URLSearchParams,
): string {
  const [fromMs, toMs] = [readLocal(asked.get('startTime') ?? ''), readLocal(asked.get('endTime') ?? '')];
  if (fromMs === null || toMs === null) return JSON.stringify({ code: 400, msg: '时间格式错误' });
  const found = recordings(channelId, { fromMs, toMs })
    .filter((one) => one.fromMs < toMs && one.toMs > fromMs)
    .map((one) => ({ startTime: writeLocal(one.fromMs), endTime: writeLocal(one.toMs), type: 'time' }));
  return JSON.stringify({ code: 0, data: { sumNum: found.length, recordList: found } });
}

/** How a gateway asks it for the recordings of each channel. */
export const recordingsConfig = {
  path: '/api/records/{@channelId}?startTime={from}&endTime={to}',
  spans: { each: 'data.recordList[*]', from: 'startTime', to: 'endTime', ...form },
};

/** How a gateway is configured to ask it, without the token. */
export function platformConfig(url: string, deviceId?: string): object {
  return {
    url,
    header: 'api-key',
    ...(deviceId === undefined ? {} : { deviceId }),
    requests: [
      {
        path: '/api/channels',
        pages: { parameter: 'page', sizeParameter: 'count', size: 100, items: 'data.list' },
        read: [
          {
            id: 'channels',
            each: 'data.list[*]',
            device: '{@channelId}',
            class: 'camera',
            absent: 'skip',
            values: [
              { metric: 'online', path: 'status', states: { ON: 'on', OFF: 'off' }, absent: 'reject' },
              { metric: 'recording', path: 'recording' },
              { metric: 'oldest_recording_age', path: 'keptDays', unit: 'd' },
              { metric: 'recorded_seconds_today', path: 'recordedMinutesToday', unit: 'min' },
            ],
          },
        ],
      },
    ],
  };
}
