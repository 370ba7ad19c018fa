/** What the pages of notification ask, typed by schemas/api/notify.ts. */
import type { z } from 'zod';
import type {
  Channel,
  channelTestAnswer,
  channelWriteBody,
  Delivery,
  DeliveryDetail,
  InboxItem,
  OnCallNow,
  OnCallSpan,
  Preview,
  PushBrowser,
  pushSubscribeBody,
  ReachablePerson,
} from '#schemas/api/notify.ts';
import type {
  preferencesSchema,
  Roster,
  ReportBody,
  rosterBodySchema,
  RouteBody,
  routeBodySchema,
  TeamBody,
  teamBodySchema,
} from '#schemas/notify.ts';
import type { Page } from './api.ts';
import type { Query } from './client.ts';
import { call } from './client.ts';

export type {
  Channel,
  Delivery,
  DeliveryDetail,
  InboxItem,
  OnCallNow,
  OnCallSpan,
  Preview,
  PushBrowser,
  ReachablePerson,
};
export type { ReportBody, Roster, RouteBody, TeamBody };
export type ChannelWrite = z.input<typeof channelWriteBody>;
export type TeamWrite = z.input<typeof teamBodySchema>;
export type RosterWrite = z.input<typeof rosterBodySchema>;
export type RouteWrite = z.input<typeof routeBodySchema>;
export type PreferencesWrite = z.input<typeof preferencesSchema>;
export type Preferences = z.output<typeof preferencesSchema>;

export type NotifyKind = 'channels' | 'teams' | 'rosters' | 'routes' | 'reports';

const get = <T>(path: string, query?: Query) => call<T>({ method: 'GET', path: `/notify${path}`, query });
const send = <T>(method: 'POST' | 'PUT', path: string, body: unknown) =>
  call<T>({ method, path: `/notify${path}`, body });
const id = encodeURIComponent;

export const notifyApi = {
  channels: () => get<Page<Channel>>('/channels'),
  teams: () => get<Page<TeamBody>>('/teams'),
  rosters: () => get<Page<Roster>>('/rosters'),
  routes: () => get<Page<RouteBody>>('/routes'),
  reports: () => get<Page<ReportBody>>('/reports'),
  testReport: (reportId: string) =>
    send<z.infer<typeof channelTestAnswer>>('POST', `/reports/${id(reportId)}/test`, {}),
  people: () => get<Page<ReachablePerson>>('/people'),
  /** Adds, or changes what is there. */
  save: (kind: NotifyKind, body: { readonly id: string }, isNew: boolean) =>
    isNew ? send<unknown>('POST', `/${kind}`, body) : send<unknown>('PUT', `/${kind}/${id(body.id)}`, body),
  remove: (kind: NotifyKind, itemId: string) =>
    call<void>({ method: 'DELETE', path: `/notify/${kind}/${id(itemId)}` }),
  test: (channelId: string) =>
    send<z.infer<typeof channelTestAnswer>>('POST', `/channels/${id(channelId)}/test`, {}),
  onCall: () => get<Page<OnCallNow>>('/on-call'),
  onCallSpans: (rosterId: string, range: { from: string; to: string }) =>
    get<Page<OnCallSpan>>(`/rosters/${id(rosterId)}/on-call`, range),
  preview: (query: Query) => get<Preview>('/preview', query),
  deliveries: (query: Query) => get<Page<Delivery>>('/deliveries', query),
  delivery: (deliveryId: string) => get<DeliveryDetail>(`/deliveries/${id(deliveryId)}`),
  retry: (deliveryId: string) => send<DeliveryDetail>('POST', `/deliveries/${id(deliveryId)}/retry`, {}),
  me: () => get<Preferences>('/me'),
  saveMe: (body: PreferencesWrite) => send<Preferences>('PUT', '/me', body),
  preferencesOf: (username: string) => get<Preferences>(`/people/${id(username)}`),
  savePreferencesOf: (username: string, body: PreferencesWrite) =>
    send<Preferences>('PUT', `/people/${id(username)}`, body),
  pushKey: () => get<{ readonly publicKey: string }>('/push-key'),
  browsers: () => get<Page<PushBrowser>>('/me/browsers'),
  addBrowser: (body: z.input<typeof pushSubscribeBody>) =>
    send<Page<PushBrowser>>('POST', '/me/browsers', body),
  removeBrowser: (browserId: string) =>
    call<void>({ method: 'DELETE', path: `/notify/me/browsers/${id(browserId)}` }),
  inbox: () => get<Page<InboxItem>>('/inbox'),
  seen: (itemId: string) => send<void>('POST', '/inbox/seen', { id: itemId }),
};
