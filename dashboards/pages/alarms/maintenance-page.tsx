import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Button, Form, Input, Segmented } from 'antd';
import { engineers } from '#schemas/roles.ts';
import type { MaintenanceWindow } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { FlushTable } from '../../components/flush-table.tsx';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { AlarmNav } from './alarm-nav.tsx';
import { MaintenanceForm } from './maintenance-form.tsx';
import { useScheduleWords, useTargetWords } from './maintenance-words.tsx';

const renewMs = 30_000;
const states = ['current', 'all'] as const;

function State({ window }: { window: MaintenanceWindow }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { inForce, occurrence, endedBy, endReason } = window;
  if (inForce && occurrence !== null) {
    return (
      <span className="tag strong">
        {t('maintenance.inForce')} · {t('act.until', { time: parkTime(occurrence.to, 'minute') })}
      </span>
    );
  }
  if (occurrence !== null) {
    return (
      <span className="num">
        {t('maintenance.next')} {parkTime(occurrence.from, 'minute')}
      </span>
    );
  }
  return (
    <span className="soft">
      {endedBy === null
        ? t('maintenance.over')
        : t('maintenance.ended', { actor: endedBy, reason: endReason ?? '' })}
    </span>
  );
}

function useColumns(onEnd: (window: MaintenanceWindow) => void): TableColumnsType<MaintenanceWindow> {
  const t = useWords();
  const targetWords = useTargetWords();
  const scheduleWords = useScheduleWords();
  const mayPlan = useMay(engineers);
  return [
    {
      title: t('maintenance.name'),
      key: 'name',
      render: (_, window) => (
        <>
          <div>{window.name}</div>
          <div className="soft small">
            {window.reason} · {t('maintenance.by', { actor: window.createdBy })}
          </div>
        </>
      ),
    },
    {
      title: t('maintenance.target'),
      key: 'target',
      render: (_, window) => (
        <>
          {targetWords(window.target)}{' '}
          {window.withCritical ? <span className="tag strong">{t('maintenance.withCritical')}</span> : null}
        </>
      ),
    },
    {
      title: t('maintenance.period'),
      key: 'schedule',
      render: (_, window) => scheduleWords(window.schedule),
    },
    { title: t('alarm.state'), key: 'state', render: (_, window) => <State window={window} /> },
    {
      title: t('maintenance.devices'),
      key: 'devices',
      align: 'right',
      render: (_, window) => <span className="num">{formatCount(window.devices)}</span>,
    },
    {
      title: t('maintenance.suppressing'),
      key: 'suppressing',
      align: 'right',
      render: (_, window) => <span className="num">{formatCount(window.suppressing)}</span>,
    },
    {
      title: '',
      key: 'actions',
      align: 'right',
      render: (_, window) =>
        mayPlan && window.occurrence !== null ? (
          <Button size="small" onClick={() => onEnd(window)}>
            {t('maintenance.end')}
          </Button>
        ) : null,
    },
  ];
}

/** Planned work: what it covers, when, and what it suppresses now. */
export function MaintenancePage() {
  const t = useWords();
  const { values, set } = useFilters(['state'] as const);
  const state = states.find((each) => each === values.state) ?? 'current';
  const mayPlan = useMay(engineers);
  const [planning, setPlanning] = useState(false);
  const [ending, setEnding] = useState<MaintenanceWindow | null>(null);
  const columns = useColumns(setEnding);
  const query = useQuery({
    queryKey: [...keys.alarms, 'maintenance', state],
    queryFn: () => alarmApi.maintenance({ state, limit: 1_000 }),
    refetchInterval: renewMs,
  });
  return (
    <Page
      title={t('maintenance.title')}
      beside={<AlarmNav />}
      actions={
        mayPlan ? (
          <Button type="primary" onClick={() => setPlanning(true)}>
            {t('maintenance.add')}
          </Button>
        ) : null
      }
    >
      <div className="filters">
        <Segmented
          aria-label={t('alarm.state')}
          value={state}
          options={states.map((each) => ({ value: each, label: t(`maintenance.${each}`) }))}
          onChange={(chosen) => set({ state: chosen === 'current' ? null : chosen })}
        />
        <span className="soft small">{t('maintenance.hint')}</span>
      </div>
      <FlushTable<MaintenanceWindow>
        query={query}
        rowKey="id"
        columns={columns}
        empty={{ title: t('maintenance.empty'), hint: t('maintenance.emptyHint') }}
      />
      {planning ? <MaintenanceForm onClose={() => setPlanning(false)} /> : null}
      {ending === null ? null : <End window={ending} onClose={() => setEnding(null)} />}
    </Page>
  );
}

function End({ window, onClose }: { window: MaintenanceWindow; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  return (
    <FormModal<{ reason: string }>
      title={t('maintenance.endTitle', { name: window.name })}
      action={t('maintenance.end')}
      onClose={onClose}
      onSubmit={async ({ reason }) => {
        await alarmApi.endMaintenance(window.id, { reason: reason.trim() });
        await client.invalidateQueries({ queryKey: keys.alarms });
        notify.done(t('maintenance.endDone', { name: window.name }));
      }}
    >
      <p>{t('maintenance.endHint')}</p>
      <Form.Item
        name="reason"
        label={t('act.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}
