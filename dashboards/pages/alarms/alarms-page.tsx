import { useState } from 'react';
import { DownloadOutlined } from '@ant-design/icons';
import { Button, Input, Segmented, Select, Tooltip } from 'antd';
import { Link } from 'react-router';
import { alarmHandlers } from '#schemas/roles.ts';
import type { Alarm } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { useOpenAlarms } from '../../app/open-alarms.ts';
import type { Rows } from '../../app/pages.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { severityOrder } from '../../app/theme.ts';
import { ListTable } from '../../components/list-table.tsx';
import { Page } from '../../components/page.tsx';
import { PeriodPicker } from '../../components/period-picker.tsx';
import { EmptyState } from '../../components/states.tsx';
import { Acknowledge } from './acknowledge.tsx';
import { useAlarmColumns } from './alarm-columns.tsx';
import { AlarmDrawer } from './alarm-drawer.tsx';

const names = ['state', 'severity', 'device', 'from', 'to'] as const;
const views = ['open', 'active', 'unacknowledged', 'shelved', 'suppressed', 'out-of-service', 'all'] as const;
type View = (typeof views)[number];

/** The columns of fixed width, and room for what and where, px. */
const narrowest = 990;

type AlarmFilters = ReturnType<typeof useFilters<(typeof names)[number]>>;

function viewOf(state: string): View {
  return views.find((each) => each === state) ?? 'open';
}

function Filters({ filters }: { filters: AlarmFilters }) {
  const t = useWords();
  const { values, set } = filters;
  const view = viewOf(values.state);
  return (
    <div className="filters">
      <Tooltip title={view === 'open' ? t('alarm.openHint') : ''}>
        <Segmented<View>
          aria-label={t('alarm.state')}
          value={view}
          options={views.map((each) => ({ value: each, label: t(`alarm.${each}`) }))}
          onChange={(chosen) => set({ state: chosen === 'open' ? null : chosen })}
        />
      </Tooltip>
      <Select
        allowClear
        aria-label={t('severity.title')}
        placeholder={t('severity.title')}
        style={{ width: 130 }}
        value={values.severity === '' ? null : values.severity}
        options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
        onChange={(chosen) => set({ severity: chosen })}
      />
      <Input.Search
        key={values.device}
        allowClear
        defaultValue={values.device}
        placeholder={t('gateways.deviceFilter')}
        aria-label={t('gateways.deviceFilter')}
        style={{ width: 180 }}
        onSearch={(device) => set({ device: device.trim() })}
      />
      {view === 'all' ? (
        <Tooltip title={t('alarm.periodHint')}>
          <PeriodPicker from={values.from} to={values.to} onChange={set} />
        </Tooltip>
      ) : null}
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
    </div>
  );
}

/** The rows of the chosen view; open ones come whole, so that the most urgent can stand first. */
function useAlarmRows(values: AlarmFilters['values']): Rows<Alarm> {
  const view = viewOf(values.state);
  const { severity, device, from, to } = values;
  const open = useOpenAlarms({ severity, device });
  const period = view === 'all' ? { from, to } : {};
  const pages = usePages<Alarm>({
    queryKey: [...keys.alarms, 'list'],
    load: api.alarms,
    query: { state: view === 'open' ? 'unacknowledged' : view, severity, device, ...period },
  });
  if (view !== 'open') return pages;
  const { data, error, refetch } = open;
  const list = `open/${severity}/${device}`;
  return { list, data, error, refetch, hasMore: false, more: () => undefined, loadingMore: false };
}

function save(alarms: readonly Alarm[]): void {
  downloadCsv('alarms', [
    [
      'id',
      'severity',
      'rule',
      'device',
      'point',
      'value',
      'limit',
      'unit',
      'active',
      'acknowledged',
      'raisedAt',
      'clearedAt',
      'acknowledgedAt',
      'acknowledgedBy',
      'comment',
      'provenance',
    ],
    ...alarms.map((each) => [
      each.id,
      each.severity,
      each.ruleName,
      each.deviceId,
      each.point,
      each.value,
      each.limit,
      each.unit,
      String(each.active),
      String(each.acknowledged),
      each.raisedAt,
      each.clearedAt,
      each.acknowledgedAt,
      each.acknowledgedBy,
      each.comment,
      each.provenance,
    ]),
  ]);
}

export function AlarmsPage() {
  const t = useWords();
  const filters = useFilters(names);
  const drawer = useFilters(['alarm'] as const);
  const [acknowledging, setAcknowledging] = useState<Alarm | null>(null);
  const mayHandle = useMay(alarmHandlers);
  const list = useAlarmRows(filters.values);
  const columns = useAlarmColumns({ complete: !list.hasMore, onAcknowledge: setAcknowledging });
  const open = viewOf(filters.values.state) === 'open' && !filters.any;
  return (
    <Page
      fill
      title={t('alarm.title')}
      actions={
        <>
          <Link to="/alarms/rules">{t('rules.title')}</Link>
          <Button icon={<DownloadOutlined />} onClick={() => save(list.data ?? [])}>
            {t('common.download')}
          </Button>
        </>
      }
    >
      <Filters filters={filters} />
      <ListTable
        list={list}
        columns={columns}
        minWidth={narrowest}
        steady
        onOpen={(alarm) => drawer.set({ alarm: alarm.id })}
        letters={{
          a: (alarm) => {
            if (mayHandle && !alarm.acknowledged) setAcknowledging(alarm);
          },
        }}
        empty={
          <EmptyState
            title={t(open ? 'alarm.empty' : 'alarm.emptyAll')}
            hint={open ? t('alarm.emptyHint') : undefined}
          />
        }
      />
      {drawer.values.alarm === '' ? null : (
        <AlarmDrawer
          key={drawer.values.alarm}
          alarmId={drawer.values.alarm}
          onClose={() => drawer.set({ alarm: null })}
          onAcknowledge={setAcknowledging}
        />
      )}
      {acknowledging === null ? null : (
        <Acknowledge alarm={acknowledging} onClose={() => setAcknowledging(null)} />
      )}
    </Page>
  );
}
