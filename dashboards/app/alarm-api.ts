/** The requests of working with alarms, typed by the contracts of schemas/api. */
import type { z } from 'zod';
import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import type {
  AlarmFigures,
  AlarmFlood,
  OperatorPosition,
  positionsBody,
} from '#schemas/api/alarm-figures.ts';
import type {
  AlarmRuleImport,
  AlarmRuleOverride,
  calendarBody,
  DeviceAlarmRule,
  notRaisedSchema,
  overrideBody,
} from '#schemas/api/alarm-rules.ts';
import type {
  AlarmContext,
  alarmDetailSchema,
  alarmHandlersSchema,
  alarmsAnswer,
  assignBody,
  bulkBody,
  BulkAnswer,
  BulkPreview,
  commentBody,
  muteAnswerSchema,
  muteBody,
  reasonBody,
  shelveBody,
} from '#schemas/api/alarms.ts';
import type { Handover, handoverAcceptBody, handoverBody, HandoverState } from '#schemas/api/handover.ts';
import type { maintenanceBody, MaintenanceWindow } from '#schemas/api/maintenance.ts';
import type { Page } from './api.ts';
import type { Query } from './client.ts';
import { call, upload } from './client.ts';

export type { AlarmContext, AlarmFigures, AlarmFlood, BulkAnswer, BulkPreview, Handover, HandoverState };
export type { MaintenanceWindow, OperatorPosition };
type Detail = z.infer<typeof alarmDetailSchema>;

const get = <T>(path: string, query?: Query) => call<T>({ method: 'GET', path, query });
const post = <T>(path: string, body: unknown) => call<T>({ method: 'POST', path, body });
const of = (alarmId: string, act: string) => `/alarms/${encodeURIComponent(alarmId)}/${act}`;

export const alarmApi = {
  list: (query: Query) => get<z.infer<typeof alarmsAnswer>>('/alarms', query),
  context: (alarmId: string) => get<AlarmContext>(of(alarmId, 'context')),
  handlers: () => get<z.infer<typeof alarmHandlersSchema>>('/alarm-handlers'),
  comment: (alarmId: string, body: z.infer<typeof commentBody>) => post<Detail>(of(alarmId, 'comment'), body),
  confirm: (alarmId: string, body: z.infer<typeof commentBody>) => post<Detail>(of(alarmId, 'confirm'), body),
  assign: (alarmId: string, body: z.infer<typeof assignBody>) => post<Detail>(of(alarmId, 'assign'), body),
  shelve: (alarmId: string, body: z.input<typeof shelveBody>) => post<Detail>(of(alarmId, 'shelve'), body),
  unshelve: (alarmId: string, body: z.infer<typeof reasonBody>) =>
    post<Detail>(of(alarmId, 'unshelve'), body),
  outOfService: (alarmId: string, body: z.infer<typeof reasonBody>) =>
    post<Detail>(of(alarmId, 'out-of-service'), body),
  returnToService: (alarmId: string, body: z.infer<typeof reasonBody>) =>
    post<Detail>(of(alarmId, 'return-to-service'), body),
  bulkPreview: (query: Query) => get<BulkPreview>('/alarms/bulk', query),
  bulk: (body: z.input<typeof bulkBody>) => post<BulkAnswer>('/alarms/bulk', body),
  deviceRules: (deviceId: string) =>
    get<Page<DeviceAlarmRule>>(`/devices/${encodeURIComponent(deviceId)}/alarm-rules`),
  overrideRule: (
    { ruleId, deviceId }: { ruleId: string; deviceId: string },
    body: z.input<typeof overrideBody>,
  ) =>
    call<AlarmRuleOverride>({
      method: 'PUT',
      path: `/alarm-rules/${encodeURIComponent(ruleId)}/overrides/${encodeURIComponent(deviceId)}`,
      body,
    }),
  notRaised: () => get<Page<z.infer<typeof notRaisedSchema>>>('/alarm-rules/not-raised'),
  importRules: (file: File, query: { dryRun: boolean; reason?: string }) =>
    upload<AlarmRuleImport>({
      path: '/alarm-rules/imports',
      query,
      file,
      type: file.name.endsWith('.json') ? 'application/json' : 'application/yaml',
    }),
  mute: (body: z.infer<typeof muteBody>) => post<z.infer<typeof muteAnswerSchema>>('/alarm-mutes', body),
  figures: (query: Query) => get<AlarmFigures>('/alarm-figures', query),
  floods: () => get<Page<AlarmFlood>>('/alarm-floods'),
  positions: () => get<{ readonly items: readonly OperatorPosition[] }>('/operator-positions'),
  savePositions: (body: z.input<typeof positionsBody>) =>
    call<unknown>({ method: 'PUT', path: '/operator-positions', body }),
  calendar: (range: { from: string; to: string }) => get<Page<CalendarDay>>('/calendar-days', range),
  saveCalendar: (range: { from: string; to: string }, body: z.input<typeof calendarBody>) =>
    call<unknown>({ method: 'PUT', path: '/calendar-days', query: range, body }),
  maintenance: (query: Query) => get<Page<MaintenanceWindow>>('/maintenance-windows', query),
  planMaintenance: (body: z.input<typeof maintenanceBody>) =>
    post<MaintenanceWindow>('/maintenance-windows', body),
  endMaintenance: (id: string, body: z.infer<typeof reasonBody>) =>
    post<MaintenanceWindow>(`/maintenance-windows/${encodeURIComponent(id)}/end`, body),
  handovers: (query: Query) => get<Page<Handover>>('/handovers', query),
  handoverState: () => get<HandoverState>('/handovers/state'),
  signHandover: (body: z.infer<typeof handoverBody>) => post<Handover>('/handovers', body),
  acceptHandover: (id: string, body: z.input<typeof handoverAcceptBody>) =>
    post<Handover>(`/handovers/${encodeURIComponent(id)}/accept`, body),
};
