import { Button, Segmented, Select, Tooltip, TreeSelect } from 'antd';
import type { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { useSession } from '../../app/session.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { severityOrder } from '../../app/theme.ts';
import { DeviceFilter } from '../../components/device-filter.tsx';
import { PeriodPicker } from '../../components/period-picker.tsx';

export const filterNames = [
  'state',
  'severity',
  'device',
  'space',
  'deviceClass',
  'rule',
  'assignee',
  'from',
  'to',
] as const;
export const views = [
  'open',
  'active',
  'unacknowledged',
  'shelved',
  'suppressed',
  'out-of-service',
  'all',
] as const;
export type View = (typeof views)[number];
export type AlarmFilters = ReturnType<typeof useFilters<(typeof filterNames)[number]>>;

export function viewOf(state: string): View {
  return views.find((each) => each === state) ?? 'open';
}

/** What of the filter the API is asked for, beside the view; a period counts only where all are listed. */
export function queryOf({
  severity,
  device,
  space,
  deviceClass,
  rule,
  assignee,
  ...rest
}: AlarmFilters['values']) {
  const period = viewOf(rest.state) === 'all' ? { from: rest.from, to: rest.to } : {};
  return { severity, device, space, deviceClass, rule, assignee, ...period };
}

/** The filter in words: what a bulk act is about. */
export function useFilterWords(): (values: AlarmFilters['values']) => string {
  const t = useWords();
  const className = useClassNames();
  const { data: spaces } = useSpaces();
  return (values) => {
    const { severity, device, space, deviceClass, rule, assignee } = values;
    const parts = [
      t(`alarm.${viewOf(values.state)}`),
      severityOrder.includes(severity as (typeof severityOrder)[number])
        ? t(`severity.${severity as (typeof severityOrder)[number]}`)
        : '',
      spaces?.items.find(({ id }) => id === space)?.name ?? space,
      deviceClass === '' ? '' : className(deviceClass),
      device,
      rule,
      assignee,
    ];
    return parts.filter((part) => part !== '').join(' · ');
  };
}

export function Filters({ filters }: { filters: AlarmFilters }) {
  const t = useWords();
  const { values, set } = filters;
  const { user } = useSession();
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
        style={{ width: '8.6em' }}
        value={values.severity === '' ? null : values.severity}
        options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
        onChange={(chosen) => set({ severity: chosen })}
      />
      <Place filters={filters} />
      <DeviceFilter value={values.device} width={160} onSearch={(device) => set({ device })} />
      <Button
        type={values.assignee === user.username ? 'primary' : 'default'}
        aria-pressed={values.assignee === user.username}
        onClick={() => set({ assignee: values.assignee === '' ? user.username : null })}
      >
        {values.assignee === '' || values.assignee === user.username ? t('mobile.mine') : values.assignee}
      </Button>
      {view === 'all' ? (
        <Tooltip title={t('alarm.periodHint')}>
          <PeriodPicker from={values.from} to={values.to} onChange={set} />
        </Tooltip>
      ) : null}
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
    </div>
  );
}

/** Where, and of what class. */
function Place({ filters: { values, set } }: { filters: AlarmFilters }) {
  const t = useWords();
  const className = useClassNames();
  const { data: spaces } = useSpaces();
  const { data: classes } = useDeviceClasses();
  return (
    <>
      <TreeSelect
        allowClear
        showSearch={{ treeNodeFilterProp: 'title' }}
        aria-label={t('devices.space')}
        placeholder={t('devices.anySpace')}
        style={{ width: '11.4em' }}
        value={values.space === '' ? null : values.space}
        treeData={spaceTree(spaces?.items ?? [])}
        onChange={(chosen: string | null) => set({ space: chosen })}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('common.class')}
        placeholder={t('devices.anyClass')}
        style={{ width: '10.7em' }}
        value={values.deviceClass === '' ? null : values.deviceClass}
        options={(classes?.items ?? []).map(({ id }) => ({ value: id, label: className(id) }))}
        onChange={(chosen: string | null) => set({ deviceClass: chosen })}
      />
    </>
  );
}
