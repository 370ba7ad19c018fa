/** Every request the console makes, typed by the contracts of schemas/api (types only: zod stays on the server). */
import type { AlarmRuleVersion } from '#schemas/api/alarm-rules.ts';
import type { z } from 'zod';
import type {
  Alarm,
  acknowledgeBody,
  alarmDetailSchema,
  AlarmDryRun,
  alarmDryRunBody,
  AlarmRule,
  alarmRuleCreateBody,
  alarmRulePatchBody,
} from '#schemas/api/alarms.ts';
import type {
  Assessment,
  SignedAssessment,
  evidenceSchema,
  evidenceSummarySchema,
  rubricSummarySchema,
  SupportAnswer,
} from '#schemas/api/assessment.ts';
import type { Board } from '#schemas/api/board.ts';
import type {
  adoptAnswer,
  adoptBody,
  adoptMetricBody,
  discoverySchema,
  eventSchema,
  lateEntrySchema,
  rejectionSchema,
  Source,
} from '#schemas/api/ingest.ts';
import type {
  auditEntrySchema,
  loginAnswer,
  loginBody,
  meAnswer,
  oneTimePasswordAnswer,
  passwordAnswer,
  passwordBody,
  Session,
  tokenCreateAnswer,
  tokenCreateBody,
  tokenSchema,
  User,
  userCreateBody,
  userPatchBody,
} from '#schemas/api/people.ts';
import type { Fill, readingsAnswer, Resolution } from '#schemas/api/readings.ts';
import type { timelineAnswer } from '#schemas/api/timeline.ts';
import type { RawKeepBody, RawRetention } from '#schemas/api/retention.ts';
import type {
  Device,
  deviceClassSummarySchema,
  deviceDetailSchema,
  Latest,
  overviewSchema,
  Point,
  Space,
} from '#schemas/api/registry.ts';
import type { Difference, Trend } from '#schemas/api/trend.ts';
import type { Query } from './client.ts';
import { ApiProblem, call, queryString } from './client.ts';
import { markSession, mayHaveSession } from './session-hint.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
export type Me = z.infer<typeof meAnswer>;
export type Overview = z.infer<typeof overviewSchema>;
export type DeviceDetail = z.infer<typeof deviceDetailSchema>;
export type DeviceClassSummary = z.infer<typeof deviceClassSummarySchema>;
export type AlarmDetail = z.infer<typeof alarmDetailSchema>;
export type AlarmRuleCreate = z.input<typeof alarmRuleCreateBody>;
export type AlarmRulePatch = z.input<typeof alarmRulePatchBody>;
export type Readings = z.infer<typeof readingsAnswer>;
export type Timelines = z.infer<typeof timelineAnswer>;
export type FieldEventRow = z.infer<typeof eventSchema>;
export type LateEntry = z.infer<typeof lateEntrySchema>;
export type Rejection = z.infer<typeof rejectionSchema>;
export type Discovery = z.infer<typeof discoverySchema>;
export type AdoptAnswer = z.infer<typeof adoptAnswer>;
export type OneTimePassword = z.infer<typeof oneTimePasswordAnswer>;
export type Token = z.infer<typeof tokenSchema>;
export type TokenSecret = z.infer<typeof tokenCreateAnswer>;
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export type RubricSummary = z.infer<typeof rubricSummarySchema>;
export type AssessmentItem = Assessment['items'][number];
export type Night = Trend['items'][number];
export type EvidenceSummary = z.infer<typeof evidenceSummarySchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type {
  Alarm,
  AlarmRule,
  Assessment,
  Device,
  Difference,
  Latest,
  Point,
  Resolution,
  Session,
  Source,
  Space,
  User,
};

/** What /readyz says of each part, e.g. `{database: 'ok', broker: 'ok', dialect: 'plain'}`. */
export interface Readiness {
  readonly database: 'ok' | 'away' | 'none';
  readonly broker: 'ok' | 'away' | 'none';
  readonly dialect: 'plain' | 'timescale' | 'none';
  readonly spool?: 'ok' | 'filling' | 'full';
}

interface ReadingsRequest {
  readonly points: readonly string[];
  /** Epoch ms, closed-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution?: 'auto' | Resolution;
  /** Of raw readings: at most so many a point, those that keep its shape. */
  readonly lttb?: number | undefined;
  readonly fill?: Fill | undefined;
}

/** What an export holds; the server streams it. */
export interface ExportRequest extends Omit<ReadingsRequest, 'lttb' | 'fill' | 'resolution'> {
  readonly resolution: Exclude<Resolution, '1m'>;
  readonly format: 'csv' | 'arrow';
  readonly language: 'zh' | 'en';
  /** For spreadsheets. */
  readonly bom: boolean;
}

const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  call<T>({ method: 'GET', path, query, signal });
const post = <T>(path: string, body: unknown, query?: Query) =>
  call<T>({ method: 'POST', path, body, query });
const patch = <T>(path: string, body: unknown) => call<T>({ method: 'PATCH', path, body });
const remove = (path: string) => call<void>({ method: 'DELETE', path });
const id = encodeURIComponent;

/** Who is logged in; the server is not asked by a browser that never logged in. */
async function me(): Promise<Me> {
  const refused = { code: 'not-authenticated', status: 401, title: 'Log in' };
  if (!mayHaveSession()) throw new ApiProblem(refused);
  try {
    return await get<Me>('/auth/me');
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) markSession(false);
    throw error;
  }
}

export const api = {
  login: async (body: z.infer<typeof loginBody>) => {
    const answer = await post<z.infer<typeof loginAnswer>>('/auth/login', body);
    markSession(true);
    return answer;
  },
  logout: async () => {
    await post<void>('/auth/logout', {});
    markSession(false);
  },
  me,

  overview: () => get<Overview>('/overview'),
  spaces: (query: Query) => get<Page<Space>>('/spaces', query),
  devices: (query: Query, signal?: AbortSignal) => get<Page<Device>>('/devices', query, signal),
  device: (deviceId: string) => get<DeviceDetail>(`/devices/${id(deviceId)}`),
  deviceClasses: () => get<Page<DeviceClassSummary>>('/device-classes'),
  latest: (query: { device?: string; space?: string; points?: string }) =>
    get<{ items: readonly Latest[] }>('/latest', query),
  readings: ({ points, fromMs, toMs, resolution = 'auto', lttb, fill }: ReadingsRequest) =>
    get<Readings>('/readings', {
      points: points.join(','),
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      resolution,
      lttb,
      fill,
    }),
  timeline: (query: { points: string; from: string; to: string }) => get<Timelines>('/timeline', query),
  rawRetention: () => get<RawRetention>('/raw-retention'),
  keepRaw: (deviceClass: string, body: RawKeepBody) =>
    call<RawRetention>({ method: 'PUT', path: `/raw-retention/${id(deviceClass)}`, body }),
  readiness: async (): Promise<{ ready: boolean; parts: Readiness }> => {
    const response = await fetch('/readyz');
    return { ready: response.ok, parts: (await response.json()) as Readiness };
  },
  events: (query: Query) => get<Page<FieldEventRow>>('/events', query),

  alarms: (query: Query) => get<Page<Alarm>>('/alarms', query),
  alarm: (alarmId: string) => get<AlarmDetail>(`/alarms/${id(alarmId)}`),
  acknowledge: (alarmId: string, body: z.infer<typeof acknowledgeBody>) =>
    post<AlarmDetail>(`/alarms/${id(alarmId)}/acknowledge`, body),
  alarmRules: () => get<Page<AlarmRule>>('/alarm-rules'),
  alarmRuleVersions: (ruleId: string) => get<Page<AlarmRuleVersion>>(`/alarm-rules/${id(ruleId)}/versions`),
  tryAlarmRule: (body: z.input<typeof alarmDryRunBody>) => post<AlarmDryRun>('/alarm-rules/dry-run', body),
  createAlarmRule: (body: AlarmRuleCreate) => post<AlarmRule>('/alarm-rules', body),
  changeAlarmRule: (ruleId: string, body: AlarmRulePatch) =>
    patch<AlarmRule>(`/alarm-rules/${id(ruleId)}`, body),

  sources: () => get<Page<Source>>('/sources'),
  rejections: (query: Query) => get<Page<Rejection>>('/rejections', query),
  lateBook: (query: Query) => get<Page<LateEntry>>('/late-book', query),
  discoveries: (query: Query) => get<Page<Discovery>>('/discoveries', query),
  adopt: (deviceId: string, body: z.infer<typeof adoptBody>) =>
    post<AdoptAnswer>(`/discoveries/${id(deviceId)}/adopt`, body),
  adoptMetric: (target: { deviceId: string; metric: string }, body: z.infer<typeof adoptMetricBody>) =>
    post<AdoptAnswer>(`/discoveries/${id(target.deviceId)}/metrics/${id(target.metric)}/adopt`, body),
  ignoreMetric: (target: { deviceId: string; metric: string }) =>
    post<unknown>(`/discoveries/${id(target.deviceId)}/metrics/${id(target.metric)}/ignore`, {}),

  users: () => get<Page<User>>('/users', { limit: 1_000 }),
  createUser: (body: z.input<typeof userCreateBody>) => post<OneTimePassword>('/users', body),
  changeUser: (userId: string, body: z.infer<typeof userPatchBody>) =>
    patch<User>(`/users/${id(userId)}`, body),
  setPassword: (userId: string, body: z.infer<typeof passwordBody>) =>
    post<z.infer<typeof passwordAnswer>>(`/users/${id(userId)}/password`, body),
  sessions: (query: Query = {}) => get<Page<Session>>('/sessions', query),
  endSession: (sessionId: string) => remove(`/sessions/${id(sessionId)}`),
  tokens: () => get<Page<Token>>('/tokens'),
  createToken: (body: z.infer<typeof tokenCreateBody>) => post<TokenSecret>('/tokens', body),
  deleteToken: (tokenId: string) => remove(`/tokens/${id(tokenId)}`),
  audit: (query: Query) => get<Page<AuditEntry>>('/audit', query),

  board: () => get<Board>('/board'),
  rubrics: () => get<Page<RubricSummary>>('/rubrics'),
  assessment: (rubricId: string, query: Query) =>
    get<SignedAssessment>(`/assessments/${id(rubricId)}`, query),
  trend: (rubricId: string) => get<Trend>(`/assessments/${id(rubricId)}/trend`),
  difference: (rubricId: string, query: Query) =>
    get<Difference>(`/assessments/${id(rubricId)}/difference`, query),
  support: (rubricId: string) => get<SupportAnswer>(`/assessments/${id(rubricId)}/support`),
  storeEvidence: (rubricId: string, query: Query) =>
    post<Assessment>(`/assessments/${id(rubricId)}`, {}, query),
  evidenceList: (query: Query) => get<Page<EvidenceSummary>>('/evidence', query),
  evidence: (evidenceId: string) => get<Evidence>(`/evidence/${id(evidenceId)}`),
};

/** Where an export is fetched from; the browser keeps it on disk while it comes. */
export function exportUrl({ points, fromMs, toMs, ...rest }: ExportRequest): string {
  const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return `/api/v1/readings/export${queryString({ points: points.join(','), ...range, ...rest })}`;
}

/** Where an input of an evidence row is fetched from. */
export function evidenceInputUrl(evidenceId: string, sha256: string): string {
  return `/api/v1/evidence/${id(evidenceId)}/inputs/${id(sha256)}`;
}

/** Where the evidence pack of a period is fetched from: what the verifier reads. */
export function evidencePackUrl(rubric: string, period: { from: string; to: string }): string {
  return `/api/v1/evidence/pack${queryString({ rubric, ...period })}`;
}
