import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useFilters } from '../../app/filters.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import type { Preview } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { severityOrder } from '../../app/theme.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import './notify.css';

type PreviewStep = Preview['routes'][number]['steps'][number];

function StepPreview({ step, at }: { step: PreviewStep; at: string }) {
  const t = useWords();
  const parkTime = useParkTime();
  const dueMs = Date.parse(at) + step.afterMinutes * 60_000;
  return (
    <li>
      <span className="num">
        {step.afterMinutes === 0
          ? t('notify.routeForm.immediately')
          : t('notify.routeForm.afterMinutes', { n: step.afterMinutes })}
      </span>
      {step.isFallback ? <span className="tag alert wrap">{t('notify.preview.fallback')}</span> : null}
      {step.holes.map(({ object, reason }) => (
        <div key={object} className="severity high small">
          {t('notify.preview.hole', { object, reason })}
        </div>
      ))}
      <ul>
        {step.recipients.map(({ channel, channelName, username, displayName, at: comesAt }) => (
          <li key={`${channel} ${username}`}>
            <b>{displayName ?? t('notify.preview.group')}</b> · {channelName}{' '}
            {Date.parse(comesAt) > dueMs ? (
              <span className="tag">{t('notify.preview.holds', { time: parkTime(comesAt, 'minute') })}</span>
            ) : null}
          </li>
        ))}
      </ul>
    </li>
  );
}

/** The answer of a preview. */
export function PreviewResult({ preview }: { preview: Preview }) {
  const t = useWords();
  if (preview.routes.length === 0) return <p className="severity high">{t('notify.preview.nobody')}</p>;
  return (
    <div className="preview">
      {preview.routes.map((route) => (
        <section key={route.id}>
          <h3>
            {route.name} <span className="mono soft small">{route.id}</span>
          </h3>
          <ol className="steps">
            {route.steps.map((step, i) => (
              <StepPreview key={i} step={step} at={preview.at} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

const names = ['severity', 'space', 'class'] as const;

/** Who would be told now, of an alarm as it could be. */
export function PreviewPanel() {
  const t = useWords();
  const both = useBilingual();
  const { values, set } = useFilters(names);
  const spaces = useSpaces();
  const classes = useDeviceClasses();
  const severity = severityOrder.find((each) => each === values.severity) ?? 'critical';
  const asked = { severity, space: values.space, deviceClass: values.class };
  const query = useQuery({
    queryKey: [...keys.notify, 'preview', asked],
    queryFn: () => notifyApi.preview(asked),
    refetchInterval: 30_000,
  });
  return (
    <Panel
      title={t('notify.preview.title')}
      actions={<span className="soft small">{t('notify.preview.hint')}</span>}
    >
      <div className="filters">
        <Select
          aria-label={t('notify.preview.severity')}
          style={{ width: '9.3em' }}
          value={severity}
          options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
          onChange={(chosen) => set({ severity: chosen })}
        />
        <Select
          allowClear
          showSearch
          aria-label={t('notify.preview.space')}
          placeholder={t('notify.preview.space')}
          style={{ width: '15.7em' }}
          optionFilterProp="label"
          value={values.space === '' ? null : values.space}
          options={(spaces.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(chosen) => set({ space: chosen })}
        />
        <Select
          allowClear
          showSearch
          aria-label={t('notify.preview.class')}
          placeholder={t('notify.preview.class')}
          style={{ width: '15.7em' }}
          optionFilterProp="label"
          value={values.class === '' ? null : values.class}
          options={(classes.data?.items ?? []).map(({ id, name }) => ({ value: id, label: both(name) }))}
          onChange={(chosen) => set({ class: chosen })}
        />
      </div>
      <Loaded query={query}>{(preview) => <PreviewResult preview={preview} />}</Loaded>
    </Panel>
  );
}
