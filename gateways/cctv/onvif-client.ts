import { randomBytes } from 'node:crypto';
import type { Clock } from '#infra/clock.ts';
import type { Login } from './digest.ts';
import { exchangeWithLogin } from './http.ts';
import * as read from './onvif.ts';
import { envelope, readAnswer, usernameToken } from './soap.ts';
import { escapeXml, textAt, type XmlElement } from './xml.ts';

const namespaces = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  search: 'http://www.onvif.org/ver10/search/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  notification: 'http://docs.oasis-open.org/wsn/bw-2',
  schema: 'http://www.onvif.org/ver10/schema',
} as const;

/** Why a device did not say what was asked. */
export class OnvifError extends Error {
  override readonly name = 'OnvifError';
  readonly kind: 'silent' | 'refused' | 'not-supported' | 'unreadable';

  constructor(kind: OnvifError['kind'], detail: string) {
    super(detail);
    this.kind = kind;
  }
}

export interface OnvifClient {
  /** Needs no login. The time in the middle of the exchange, on either side, epoch milliseconds. */
  time(): Promise<{ readonly deviceMs: number; readonly ourMs: number }>;
  information(): Promise<read.DeviceInformation>;
  profiles(): Promise<read.VideoProfile[]>;
  /** One recording, or all of them. */
  recordings(token: string | undefined): Promise<read.Recording[]>;
  /** Where the recording of a track began and ended, in the device's clock. */
  trackChanges(
    token: string,
    span: { readonly fromMs: number; readonly toMs: number },
  ): Promise<read.TrackChange[]>;
  /** What its own picture analysis finds now; null when it has none. */
  imageFault(): Promise<read.ImageFault | null>;
}

export interface OnvifClientOptions {
  /** `http://host/onvif/device_service`. */
  readonly url: string;
  readonly login: Login | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The device's clock minus ours, as last seen. */
  readonly clockOffsetMs: number;
  /** Paths of the services, once known; kept by the caller from one round to the next. */
  readonly services: Map<string, string>;
}

/** Rounds of one search; each waits at the device for up to a second. */
const searchRounds = 5;
const resultsMost = 1_000;

/** Asks one ONVIF device; every method throws {@link OnvifError} when it gets no answer that says it. */
export function onvifClient(options: OnvifClientOptions): OnvifClient {
  const { clock, signal, login, services } = options;
  const base = new URL(options.url);
  let offsetMs = options.clockOffsetMs;

  const post = async (path: string, body: string, withLogin: boolean): Promise<XmlElement> => {
    const token =
      withLogin && login !== undefined
        ? usernameToken(login, { nonce: randomBytes(16), cameraTimeMs: clock.nowMs() + offsetMs })
        : '';
    const request = {
      method: 'POST' as const,
      url: new URL(path, base),
      headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
      body: envelope(body, token),
      signal,
    };
    const answer = await exchangeWithLogin(request, login).catch((error: unknown) => {
      throw new OnvifError('silent', (error as Error).message);
    });
    if (answer.status === 401 || answer.status === 403) {
      throw new OnvifError('refused', `ONVIF answers ${answer.status}`);
    }
    const said = readAnswer(answer.text);
    if (said.kind === 'body') return said.body;
    throw new OnvifError(said.kind, said.detail);
  };
  const device = (name: string, withLogin = true) =>
    post(base.pathname + base.search, `<${name} xmlns="${namespaces.device}"/>`, withLogin);
  const service = async (namespace: string): Promise<string> => {
    if (services.size === 0) {
      const asked = `<GetServices xmlns="${namespaces.device}"><IncludeCapability>false</IncludeCapability></GetServices>`;
      const found = read.readServices(await post(base.pathname + base.search, asked, true));
      for (const [name, path] of found) services.set(name, path);
    }
    const path = services.get(namespace);
    if (path === undefined) throw new OnvifError('not-supported', 'the device has no such service');
    return path;
  };
  const search = async (start: string, resultsOf: string, take: (body: XmlElement) => void) => {
    const path = await service(namespaces.search);
    const token = read.readSearchToken(await post(path, start, true));
    if (token === null) throw new OnvifError('unreadable', 'the search has no token');
    const more =
      `<${resultsOf} xmlns="${namespaces.search}"><SearchToken>${escapeXml(token)}</SearchToken>` +
      `<MaxResults>${resultsMost}</MaxResults><WaitTime>PT1S</WaitTime></${resultsOf}>`;
    for (let round = 0; round < searchRounds; round++) {
      const body = await post(path, more, true);
      take(body);
      if (!read.isSearching(body)) return;
    }
  };

  return {
    async time() {
      const beforeMs = clock.nowMs();
      const deviceMs = read.readDeviceTime(await device('GetSystemDateAndTime', false));
      if (deviceMs === null) throw new OnvifError('unreadable', 'the device tells no time');
      const ourMs = (beforeMs + clock.nowMs()) / 2;
      // It tells whole seconds: on average half a second has passed of the one it names.
      const halfSecondMs = 500;
      offsetMs = deviceMs + halfSecondMs - ourMs;
      return { deviceMs: deviceMs + halfSecondMs, ourMs };
    },
    information: async () => read.readDeviceInformation(await device('GetDeviceInformation')),
    profiles: async () =>
      read.readProfiles(
        await post(await service(namespaces.media), `<GetProfiles xmlns="${namespaces.media}"/>`, true),
      ),
    async recordings(token) {
      if (token !== undefined) {
        const asked =
          `<GetRecordingInformation xmlns="${namespaces.search}">` +
          `<RecordingToken>${escapeXml(token)}</RecordingToken></GetRecordingInformation>`;
        return read.readRecordings(await post(await service(namespaces.search), asked, true));
      }
      const found: read.Recording[] = [];
      const scope = `<Scope/><KeepAliveTime>PT10S</KeepAliveTime>`;
      const start = `<FindRecordings xmlns="${namespaces.search}">${scope}</FindRecordings>`;
      await search(start, 'GetRecordingSearchResults', (body) => found.push(...read.readRecordings(body)));
      return found.slice(0, resultsMost);
    },
    async trackChanges(token, { fromMs, toMs }) {
      const found: read.TrackChange[] = [];
      const start =
        `<FindEvents xmlns="${namespaces.search}"><StartPoint>${new Date(fromMs).toISOString()}</StartPoint>` +
        `<EndPoint>${new Date(toMs).toISOString()}</EndPoint><Scope>` +
        `<IncludedRecordings xmlns="${namespaces.schema}">${escapeXml(token)}</IncludedRecordings></Scope>` +
        '<SearchFilter><TopicExpression xmlns="http://docs.oasis-open.org/wsn/b-2" ' +
        'xmlns:tns1="http://www.onvif.org/ver10/topics" ' +
        'Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">' +
        'tns1:RecordingHistory/Track/State</TopicExpression></SearchFilter>' +
        '<IncludeStartState>true</IncludeStartState><KeepAliveTime>PT10S</KeepAliveTime></FindEvents>';
      await search(start, 'GetEventSearchResults', (body) => found.push(...read.readTrackChanges(body)));
      return found.toSorted((a, b) => a.timeMs - b.timeMs).slice(0, resultsMost);
    },
    async imageFault() {
      const { events, notification } = namespaces;
      // A new subscription is told every state as it stands.
      const start = `<CreatePullPointSubscription xmlns="${events}"><InitialTerminationTime>PT30S</InitialTerminationTime></CreatePullPointSubscription>`;
      const made = await post(await service(events), start, true);
      const address = textAt(made, 'SubscriptionReference', 'Address') ?? '';
      if (!URL.canParse(address)) throw new OnvifError('unreadable', 'the subscription has no address');
      const { pathname, search: query } = new URL(address);
      const pull = `<PullMessages xmlns="${events}"><Timeout>PT1S</Timeout><MessageLimit>100</MessageLimit></PullMessages>`;
      const fault = read.readImageFault(await post(pathname + query, pull, true));
      // It ends by itself where this is not understood.
      await post(pathname + query, `<Unsubscribe xmlns="${notification}"/>`, true).catch(() => undefined);
      return fault;
    },
  };
}
