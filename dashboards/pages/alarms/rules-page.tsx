import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link } from 'react-router';
import { engineers } from '#schemas/roles.ts';
import type { AlarmRule } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { formatSpan } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames, useMetrics } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { FlushTable } from '../../components/flush-table.tsx';
import { Page } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { AlarmNav } from './alarm-nav.tsx';
import { useConditionWords, watchedMetric } from './rule-condition.ts';
import { RuleEditor } from './rule-editor.tsx';
import { RuleImport, ruleExportUrl } from './rule-file.tsx';

function Condition({ rule }: { rule: AlarmRule }) {
  const t = useWords();
  const { text, exact } = useConditionWords()(rule);
  const { condition } = rule;
  return (
    <div className="num wrap-words">
      <div title={exact}>{text}</div>
      {condition.kind === 'limit' || condition.kind === 'state' ? (
        <div className="soft small">
          {t('rules.delays', {
            on: formatSpan(t, condition.onDelayMs),
            off: formatSpan(t, condition.offDelayMs),
          })}
        </div>
      ) : null}
    </div>
  );
}

function Target({ rule }: { rule: AlarmRule }) {
  const t = useWords();
  const inLanguage = useBilingual();
  const className = useClassNames();
  const { target } = rule;
  const watched = watchedMetric(rule);
  const metricName = inLanguage(useMetrics()(watched).name);
  const name = watched.metric === '' ? t('rules.wholeDevice') : metricName;
  if ('tag' in target) {
    const ofClass = target.deviceClass === undefined ? '' : ` · ${className(target.deviceClass)}`;
    return (
      <span title={watched.metric}>
        {t('rules.tagged', { tag: target.tag })}
        {ofClass} · {name}
      </span>
    );
  }
  if ('deviceClass' in target) {
    return (
      <span title={watched.metric}>
        {'space' in target ? <span className="mono">{target.space} · </span> : null}
        {className(target.deviceClass)} · {name}
      </span>
    );
  }
  const deviceId = 'point' in target ? (target.point.split('.')[0] ?? '') : target.device;
  return (
    <Link to={`/devices/${deviceId}?point=${watched.metric}`} title={watched.metric}>
      <span className="mono">{deviceId}</span> · {name}
    </Link>
  );
}

function useColumns(onEdit: (rule: AlarmRule) => void): TableColumnsType<AlarmRule> {
  const t = useWords();
  const inLanguage = useBilingual();
  const parkTime = useParkTime();
  const mayEdit = useMay(engineers);
  return [
    {
      title: t('severity.title'),
      key: 'severity',
      width: 90,
      render: (_, rule) => <SeverityMark severity={rule.severity} acknowledged={!rule.enabled} />,
    },
    {
      title: t('common.name'),
      key: 'name',
      width: 220,
      render: (_, rule) => (
        <>
          <div>{inLanguage({ zh: rule.name, en: rule.nameEn ?? rule.name })}</div>
          <span className="mono soft small">{rule.id}</span>
        </>
      ),
    },
    { title: t('rules.target'), key: 'target', width: 170, render: (_, rule) => <Target rule={rule} /> },
    { title: t('rules.condition'), key: 'condition', render: (_, rule) => <Condition rule={rule} /> },
    {
      title: t('rules.state'),
      key: 'enabled',
      width: 80,
      className: 'nowrap',
      render: (_, rule) => (
        <span className={rule.enabled ? '' : 'tag strong'}>
          {t(rule.enabled ? 'common.enabled' : 'common.disabled')}
        </span>
      ),
    },
    {
      title: t('rules.versionTitle'),
      key: 'version',
      width: 190,
      className: 'nowrap',
      render: (_, rule) => (
        <div className="small num">
          <div>{t('rules.version', { version: rule.version })}</div>
          <span className="soft">
            {t('rules.author', { author: rule.author, time: parkTime(rule.validFrom, 'minute') })}
          </span>
        </div>
      ),
    },
    {
      title: '',
      key: 'actions',
      width: 80,
      align: 'right',
      render: (_, rule) =>
        mayEdit ? (
          <Button size="small" onClick={() => onEdit(rule)}>
            {t('common.edit')}
          </Button>
        ) : null,
    },
  ];
}

/** What raises an alarm; engineers change them, with a reason. */
export function RulesPage() {
  const t = useWords();
  const mayEdit = useMay(engineers);
  const query = useQuery({ queryKey: keys.alarmRules, queryFn: api.alarmRules });
  const [editing, setEditing] = useState<AlarmRule | 'new' | null>(null);
  const [importing, setImporting] = useState(false);
  const columns = useColumns(setEditing);
  return (
    <Page
      title={t('rules.title')}
      beside={<AlarmNav />}
      actions={
        mayEdit ? (
          <span className="row">
            <Button href={ruleExportUrl} download>
              {t('ruleFile.export')}
            </Button>
            <Button onClick={() => setImporting(true)}>{t('ruleFile.import')}</Button>
            <Button type="primary" onClick={() => setEditing('new')}>
              {t('rules.add')}
            </Button>
          </span>
        ) : null
      }
    >
      <FlushTable<AlarmRule>
        query={query}
        rowKey="id"
        columns={columns}
        empty={{ title: t('rules.empty'), hint: t('rules.emptyHint') }}
      />
      {importing ? <RuleImport onClose={() => setImporting(false)} /> : null}
      {editing === null ? null : (
        <RuleEditor rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </Page>
  );
}
