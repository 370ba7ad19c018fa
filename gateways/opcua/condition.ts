import { createHash } from 'node:crypto';
import { reportedKeySchema, reportedTypes } from '#schemas/alarm-reported.ts';
import type { Severity } from '#schemas/device-class.ts';
import type { OpcuaAlarms } from '#schemas/opcua.ts';
import type { FieldEvent } from '#schemas/reading.ts';
import { judgeTime } from '../normalise.ts';

/**
 * Conditions of a server (Part 9) as alarms that devices report (schemas/alarm-reported.ts): decided here, from events
 * and what they left behind, without connection or clock.
 */
export interface Condition {
  readonly kind: 'condition';
  /** Hex. */
  readonly eventId: string;
  /** With the namespace's URI; the branch is null for the condition itself. */
  readonly conditionId: string;
  readonly branchId: string | null;
  readonly sourceNode: string | null;
  readonly sourceName: string;
  readonly conditionName: string;
  readonly timeMs: number | null;
  readonly message: string;
  /** 1 to 1,000. */
  readonly severity: number;
  /** Null where the condition has no such state. */
  readonly isActive: boolean | null;
  readonly isAcknowledged: boolean | null;
  /** The server goes on telling of it when asked. */
  readonly isRetained: boolean;
  readonly user: string;
  readonly comment: string;
}

export type ConditionEvent =
  | Condition
  /** What follows, up to the end, is everything that the server still tells of. */
  | { readonly kind: 'refresh-start' }
  | { readonly kind: 'refresh-end' }
  /** It does not tell them: only what happens from now on is known. */
  | { readonly kind: 'refresh-failed' }
  /** Its queue lost some: it has to be asked again. */
  | { readonly kind: 'overflow' };

export interface ReportedEvent {
  readonly deviceId: string;
  readonly event: FieldEvent;
}

export const conditionLimits = {
  /** Conditions of one server that are remembered; more are reported and cannot be acknowledged there. */
  remembered: 20_000,
  textLength: 500,
  /** An older condition that is told by a refresh is reported as of now: it stands now. */
  oldMs: 60_000,
} as const;

/** What is known of a condition that the server retains. */
export interface KnownCondition {
  readonly deviceId: string;
  readonly conditionId: string;
  /** Its present state; undefined while only earlier ones were told. */
  readonly now: ConditionState | undefined;
  /** Earlier occurrences that ended without an acknowledgement (Part 9, branches), the oldest first. */
  readonly earlier: ReadonlyMap<string, { readonly eventId: string; readonly timeMs: number | null }>;
}

interface ConditionState {
  readonly eventId: string;
  readonly isActive: boolean;
  readonly isAcknowledged: boolean | null;
  readonly severity: Severity;
}

/** The bands that Part 9 leaves to the user: fifths of 1 to 1,000, the lower two are low. */
export function severityOf(severity: number): Severity {
  if (severity > 800) return 'critical';
  if (severity > 600) return 'high';
  return severity > 400 ? 'medium' : 'low';
}

/** Names the alarm within its device; a text too long for a key becomes its digest. */
export function conditionKey(serverId: string, conditionId: string): string {
  const key = keyPrefix(serverId) + conditionId;
  if (reportedKeySchema.safeParse(key).success) return key;
  return `${keyPrefix(serverId)}sha256=${createHash('sha256').update(conditionId).digest('hex').slice(0, 32)}`;
}

/** Of every alarm of this server. */
export function keyPrefix(serverId: string): string {
  return `opcua:${serverId}:`;
}

export interface ConditionBook {
  take(event: ConditionEvent, nowMs: number): ReportedEvent[];
  /** @param open alarms of this server that are active here; those that it does not tell of any more have ended */
  refreshed(
    open: readonly { readonly deviceId: string; readonly key: string }[],
    nowMs: number,
  ): ReportedEvent[];
  get(key: string): KnownCondition | undefined;
  /** The server has yet to tell which conditions stand. */
  isRefreshing(): boolean;
  counts(): { readonly active: number; readonly withoutDevice: number };
}

export function createConditionBook(serverId: string, alarms: OpcuaAlarms): ConditionBook {
  const devices = new Map(alarms.sources.map(({ nodeId, deviceId }) => [nodeId, deviceId]));
  let known = new Map<string, KnownCondition>();
  /** What was known before the refresh that is going on. */
  let previous: ReadonlyMap<string, KnownCondition> = new Map();
  // Nothing is known before the first refresh.
  let isRefreshing = true;
  let withoutDevice = 0;
  const takeCondition = (condition: Condition, nowMs: number): ReportedEvent[] => {
    const deviceId =
      (condition.sourceNode === null ? undefined : devices.get(condition.sourceNode)) ?? alarms.otherDeviceId;
    if (deviceId === undefined) {
      withoutDevice += 1;
      return [];
    }
    const key = conditionKey(serverId, condition.conditionId);
    const current = known.get(key);
    const before = current ?? previous.get(key);
    const taken =
      condition.branchId === null
        ? takePresent(condition, { before, current })
        : takeEarlier(condition, condition.branchId, current);
    known.delete(key);
    if (isKept(taken.after) && known.size < conditionLimits.remembered)
      known.set(key, { ...taken.after, deviceId });
    return taken.types.map((type) => ({
      deviceId,
      event: reported({ ...condition, timeMs: taken.timeMs }, { type, key, nowMs, isRefreshing }),
    }));
  };
  return {
    take(event, nowMs) {
      if (event.kind === 'condition') return takeCondition(event, nowMs);
      if (event.kind === 'refresh-start') {
        isRefreshing = true;
        previous = known;
        known = new Map();
      }
      if (event.kind === 'refresh-failed') isRefreshing = false;
      if (event.kind !== 'refresh-end') return [];
      isRefreshing = false;
      const gone = [...previous]
        .filter(([key, { now }]) => now?.isActive === true && !known.has(key))
        .map(([key, { deviceId }]) => ({ deviceId, key }));
      previous = new Map();
      return gone.map((one) => ended(one, nowMs));
    },
    refreshed(open, nowMs) {
      return open
        .filter(({ key }) => key.startsWith(keyPrefix(serverId)) && known.get(key)?.now?.isActive !== true)
        .map((one) => ended(one, nowMs));
    },
    get: (key) => known.get(key),
    isRefreshing: () => isRefreshing,
    counts: () => ({
      active: [...known.values()].filter(({ now }) => now?.isActive === true).length,
      withoutDevice,
    }),
  };
}

/** It ended while nobody listened. */
function ended(
  { deviceId, key }: { readonly deviceId: string; readonly key: string },
  nowMs: number,
): ReportedEvent {
  const data = { alarm: key, text: 'the server tells of it no more' };
  return { deviceId, event: { timeMs: nowMs, untimed: false, type: reportedTypes.cleared, id: null, data } };
}

type ReportedType = (typeof reportedTypes)[keyof typeof reportedTypes];

interface Taken {
  readonly after: Omit<KnownCondition, 'deviceId'>;
  /** What the event says that was not known: a refresh tells everything again. */
  readonly types: ReportedType[];
  readonly timeMs: number | null;
}

function isKept({ now, earlier }: Taken['after']): boolean {
  return now !== undefined || earlier.size > 0;
}

/** The condition itself. */
function takePresent(
  condition: Condition,
  known: { readonly before: KnownCondition | undefined; readonly current: KnownCondition | undefined },
): Taken {
  const { conditionId, eventId, isAcknowledged, isRetained, timeMs } = condition;
  const before = known.before?.now;
  const earlier = known.current?.earlier ?? new Map<string, never>();
  const isActive = condition.isActive ?? isRetained;
  const severity = severityOf(condition.severity);
  const types: ReportedType[] = [];
  if (isActive && (before?.isActive !== true || before.severity !== severity))
    types.push(reportedTypes.raised);
  if (!isActive && before?.isActive !== false) types.push(reportedTypes.cleared);
  // One that ends is told as acknowledged although nobody did it: its occurrence lives on as an earlier one.
  const isSameState = isActive || before?.isActive === false;
  if (isAcknowledged === true && before?.isAcknowledged !== true && isSameState && earlier.size === 0)
    types.push(reportedTypes.acknowledged);
  const now = isRetained ? { eventId, isActive, isAcknowledged, severity } : undefined;
  return { after: { conditionId, now, earlier }, types, timeMs };
}

/** An occurrence before the present one, kept by the server until somebody acknowledges it. */
function takeEarlier(
  { conditionId, eventId, isAcknowledged, isRetained, timeMs }: Condition,
  branchId: string,
  current: KnownCondition | undefined,
): Taken {
  const earlier = new Map(current?.earlier);
  const before = earlier.get(branchId);
  const now = current?.now;
  if (isRetained && isAcknowledged !== true) {
    earlier.set(branchId, { eventId, timeMs: before?.timeMs ?? timeMs });
    return { after: { conditionId, now, earlier }, types: [], timeMs };
  }
  earlier.delete(branchId);
  const types = before !== undefined && isAcknowledged === true ? [reportedTypes.acknowledged] : [];
  // An acknowledgement counts for what had begun by then: not for the occurrence that came after.
  const isFollowed = now?.isActive === true && now.isAcknowledged === false;
  return {
    after: { conditionId, now, earlier },
    types,
    timeMs: isFollowed ? (before?.timeMs ?? timeMs) : timeMs,
  };
}

function reported(
  condition: Condition,
  about: {
    readonly type: ReportedType;
    readonly key: string;
    readonly nowMs: number;
    readonly isRefreshing: boolean;
  },
): FieldEvent {
  const { type, key, nowMs, isRefreshing } = about;
  const { timeMs, sourceName, conditionName, message, user, comment } = condition;
  const judged = timeMs === null ? null : judgeTime(timeMs, nowMs);
  const isOld = judged?.ok !== true || (isRefreshing && judged.timeMs < nowMs - conditionLimits.oldMs);
  const isAck = type === reportedTypes.acknowledged;
  const text = message === '' ? `${sourceName} ${conditionName}`.trim() : message;
  return {
    timeMs: isOld ? nowMs : judged.timeMs,
    untimed: false,
    type,
    id: condition.eventId,
    data: {
      alarm: key,
      severity: severityOf(condition.severity),
      text: (isAck ? comment : text).slice(0, conditionLimits.textLength),
      ...(isAck && user !== '' ? { by: user.slice(0, 100) } : {}),
      source: sourceName,
      condition: conditionName,
      ...(isOld && judged?.ok === true ? { since: new Date(judged.timeMs).toISOString() } : {}),
    },
  };
}
