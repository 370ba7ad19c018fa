import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link } from 'react-router';
import type { Alarm } from '../../app/api.ts';
import { nowMs } from '../../app/clock.ts';
import { formatSpan, quantityText } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useReason } from '../../app/reason.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { severityOrder } from '../../app/theme.ts';
import { AlarmState } from '../../components/alarm-state.tsx';
import { ProvenanceMark } from '../../components/marks.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { mayAct, type Act } from './acts.ts';
import { AlarmValue } from './alarm-value.tsx';

interface AlarmColumns {
  /** All rows are here, so they may be sorted here. */
  readonly complete: boolean;
  readonly onAct: (act: Act, alarm: Alarm) => void;
}

function lastedMs({ raisedAt, clearedAt }: Alarm): number {
  return (clearedAt === null ? nowMs() : Date.parse(clearedAt)) - Date.parse(raisedAt);
}

export function useAlarmColumns({ complete, onAct }: AlarmColumns): TableColumnsType<Alarm> {
  const t = useWords();
  const ruleName = useRuleName();
  const tellWhy = useReason();
  const parkTime = useParkTime();
  const { user } = useSession();
  const sorted = (compare: (a: Alarm, b: Alarm) => number) => (complete ? { sorter: compare } : {});
  return [
    {
      title: t('severity.title'),
      key: 'severity',
      width: 112,
      render: (_, alarm) => (
        <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} blink={alarm.active} />
      ),
      ...sorted((a, b) => severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity)),
    },
    {
      title: t('alarm.title'),
      key: 'alarm',
      ellipsis: true,
      render: (_, alarm) => (
        <>
          <div className="cut">{ruleName(alarm)}</div>
          <div className="row small">
            <Link to={`/devices/${alarm.deviceId}`}>{alarm.deviceName}</Link>
            <span className="soft cut">{alarm.spaceName}</span>
            {alarm.assignee === null ? null : <span className="tag">{alarm.assignee}</span>}
            {alarm.provenance === 'field' ? null : <ProvenanceMark provenance={alarm.provenance} />}
          </div>
        </>
      ),
    },
    {
      title: t('alarm.value'),
      key: 'value',
      width: 140,
      align: 'right',
      render: (_, alarm) => (
        <span
          className="value num"
          title={
            alarm.limit === null
              ? tellWhy(alarm)
              : `${t('alarm.limit')} ${quantityText(t, { value: alarm.limit, unit: alarm.unit })}`
          }
        >
          <AlarmValue alarm={alarm} />
        </span>
      ),
    },
    {
      title: t('alarm.state'),
      key: 'state',
      width: 160,
      render: (_, alarm) => <AlarmState alarm={alarm} />,
    },
    {
      title: t('alarm.raisedAt'),
      key: 'raisedAt',
      width: 130,
      render: (_, alarm) => <span className="num">{parkTime(alarm.raisedAt, 'minute')}</span>,
      ...sorted((a, b) => Date.parse(a.raisedAt) - Date.parse(b.raisedAt)),
    },
    {
      title: t('alarm.duration'),
      key: 'duration',
      width: 100,
      align: 'right',
      render: (_, alarm) => <span className="num">{formatSpan(t, lastedMs(alarm))}</span>,
      ...sorted((a, b) => lastedMs(a) - lastedMs(b)),
    },
    {
      title: '',
      key: 'actions',
      width: 128,
      align: 'right',
      render: (_, alarm) =>
        mayAct('acknowledge', alarm, user.role) ? (
          <Button size="small" onClick={() => onAct('acknowledge', alarm)}>
            {t('alarm.acknowledge')}
          </Button>
        ) : mayAct('confirm', alarm, user.role) ? (
          <Button size="small" onClick={() => onAct('confirm', alarm)}>
            {t('act.confirm')}
          </Button>
        ) : null,
    },
  ];
}
