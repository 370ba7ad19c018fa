import { useState } from 'react';
import { Button, Form, Select, Switch } from 'antd';
import { engineers } from '#schemas/roles.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import type { ReportBody } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { useMay } from '../../app/session.ts';
import { FlushTable } from '../../components/flush-table.tsx';
import { FormModal } from '../../components/form-modal.tsx';
import { usePositions } from '../desks/positions.tsx';
import { useDeliveryTest } from './channel-test.ts';
import { IdAndName, TimeField, weekdays } from './fields.tsx';
import { nameIn, useChannels, useReports, useSettingActions } from './lookups.ts';
import { targetKey, targetOf, useTargetName, useTargetOptions } from './targets.ts';

interface Values extends Omit<ReportBody, 'targets' | 'position'> {
  readonly targets: readonly string[];
  readonly position: string;
}

const allPositions = '';

function usePositionOptions(): { value: string; label: string }[] {
  const t = useWords();
  const both = useBilingual();
  const { data } = usePositions();
  return [
    { value: allPositions, label: t('figures.allPositions') },
    ...(data?.items ?? []).map(({ id, name, nameEn }) => ({
      value: id,
      label: both({ zh: name, en: nameEn ?? name }),
    })),
    { value: 'main', label: t('figures.mainPosition') },
  ];
}

function ReportEditor({ report, onClose }: { report: ReportBody | null; onClose: () => void }) {
  const t = useWords();
  const { save } = useSettingActions('reports');
  const channels = useChannels();
  const positions = usePositionOptions();
  // A report belongs to no rule.
  const targets = useTargetOptions().map((group) => ({
    ...group,
    options: group.options.filter(({ value }) => value !== 'rule-team'),
  }));
  return (
    <FormModal<Values>
      title={report === null ? t('notify.reportForm.add') : report.name}
      action={t('common.save')}
      initial={
        report === null
          ? { enabled: true, weekday: 1, time: '08:00', targets: [], channels: [], position: allPositions }
          : {
              ...report,
              targets: report.targets.map(targetKey),
              position: report.position ?? allPositions,
            }
      }
      onClose={onClose}
      onSubmit={({ targets: whom, position, ...rest }) => {
        const body: ReportBody = {
          ...rest,
          position: position === allPositions ? null : position,
          targets: whom.map(targetOf),
        };
        return save(body, report === null);
      }}
    >
      <IdAndName isNew={report === null} />
      <div className="form-row">
        <Form.Item name="weekday" label={t('notify.reportForm.weekday')}>
          <Select options={weekdays.map((day) => ({ value: day, label: t(`notify.weekday.d${day}`) }))} />
        </Form.Item>
        <TimeField name="time" label={t('notify.reportForm.time')} />
        <Form.Item name="position" label={t('figures.position')}>
          <Select options={positions} />
        </Form.Item>
      </div>
      <Form.Item
        name="targets"
        label={t('notify.routeForm.targets')}
        rules={[{ required: true, type: 'array', min: 1, message: t('common.required') }]}
      >
        <Select mode="multiple" options={targets} optionFilterProp="label" />
      </Form.Item>
      <Form.Item
        name="channels"
        label={t('notify.routeForm.through')}
        extra={t('notify.reportForm.throughHint')}
      >
        <Select
          mode="multiple"
          optionFilterProp="label"
          options={(channels.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Form.Item>
      <Form.Item name="enabled" label={t('notify.routeForm.enabled')} valuePropName="checked">
        <Switch />
      </Form.Item>
    </FormModal>
  );
}

/** Reports that are sent by themselves: when, of what, to whom. */
export function Reports() {
  const t = useWords();
  const query = useReports();
  const mayEdit = useMay(engineers);
  const targetName = useTargetName();
  const channels = useChannels();
  const positions = usePositionOptions();
  const { remove } = useSettingActions('reports');
  const { testing, test } = useDeliveryTest(notifyApi.testReport);
  const [editing, setEditing] = useState<ReportBody | 'new' | null>(null);
  return (
    <div className="notify-stack">
      <div className="filters">
        <span className="soft small grow">{t('notify.reportForm.hint')}</span>
        {mayEdit ? (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('notify.reportForm.add')}
          </Button>
        ) : null}
      </div>
      <FlushTable<ReportBody>
        query={query}
        rowKey="id"
        empty={{ title: t('notify.reportForm.empty'), hint: t('notify.reportForm.emptyHint') }}
        columns={[
          {
            title: t('common.name'),
            key: 'name',
            render: (_, { id, name, enabled }) => (
              <>
                {name} <span className="mono soft small">{id}</span>{' '}
                {enabled ? null : <span className="tag strong">{t('common.disabled')}</span>}
              </>
            ),
          },
          {
            title: t('notify.reportForm.when'),
            key: 'when',
            render: (_, { weekday, time }) => (
              <span className="num">
                {t(`notify.weekday.d${weekday as 1 | 2 | 3 | 4 | 5 | 6 | 7}`)} {time}
              </span>
            ),
          },
          {
            title: t('figures.position'),
            key: 'position',
            render: (_, { position }) =>
              positions.find(({ value }) => value === (position ?? allPositions))?.label ?? position,
          },
          {
            title: t('notify.routeForm.targets'),
            key: 'targets',
            render: (_, { targets }) => targets.map(targetName).join(' · '),
          },
          {
            title: t('notify.routeForm.through'),
            key: 'channels',
            render: (_, { channels: named }) =>
              named.length === 0
                ? t('notify.kind.email')
                : named.map((id) => nameIn(channels.data?.items, id)).join(' · '),
          },
          {
            title: '',
            key: 'actions',
            align: 'right',
            render: (_, report) =>
              mayEdit ? (
                <span className="row end">
                  <Button size="small" loading={testing === report.id} onClick={() => void test(report)}>
                    {t('notify.reportForm.test')}
                  </Button>
                  <Button size="small" onClick={() => setEditing(report)}>
                    {t('common.edit')}
                  </Button>
                  <Button size="small" danger onClick={() => remove(report)}>
                    {t('account.delete')}
                  </Button>
                </span>
              ) : null,
          },
        ]}
      />
      {editing === null ? null : (
        <ReportEditor report={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}
