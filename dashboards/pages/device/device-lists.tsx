import { Table, Tooltip } from 'antd';
import { Link } from 'react-router';
import type { Severity } from '#schemas/device-class.ts';
import type { Alarm, FieldEventRow } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { useEventNames } from '../../app/lookups.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { useParkTime } from '../../app/session.ts';
import { AlarmState } from '../../components/alarm-state.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

const most = 20;
const renewMs = 15_000;

/** @param none what is said when there is none */
export function DeviceAlarms({ alarms, none }: { alarms: readonly Alarm[]; none?: string }) {
  const t = useWords();
  const ruleName = useRuleName();
  const parkTime = useParkTime();
  return (
    <Panel title={t('device.alarms')}>
      {alarms.length === 0 ? (
        <EmptyState title={none ?? t('device.noAlarms')} />
      ) : (
        <div className="lines">
          {alarms.slice(0, most).map((alarm) => (
            <div key={alarm.id} className="row">
              <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} />
              <Link className="grow cut" to={`/alarms?alarm=${alarm.id}&state=all`}>
                {ruleName(alarm)}
              </Link>
              <AlarmState alarm={alarm} />
              <span className="soft small num">{parkTime(alarm.raisedAt, 'minute')}</span>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

function EventType(props: { type: string; name: string; severity: Severity | undefined }) {
  const { type, name, severity } = props;
  return (
    <Tooltip title={type}>
      <span className={severity === 'critical' || severity === 'high' ? 'tag alert' : ''}>{name}</span>
    </Tooltip>
  );
}

/** Events of the field, newest first; what they carry as they sent it. */
export function DeviceEvents({ deviceId, deviceClass }: { deviceId: string; deviceClass: string }) {
  const t = useWords();
  const parkTime = useParkTime();
  const nameOf = useEventNames(deviceClass);
  const list = usePages<FieldEventRow>({
    queryKey: ['events'],
    load: api.events,
    query: { device: deviceId },
    limit: most,
    refetchIntervalMs: renewMs,
  });
  return (
    <Panel title={t('device.events')}>
      <Loaded query={list}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title={t('device.noEvents')} />
          ) : (
            <Table<FieldEventRow>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={[...items]}
              columns={[
                {
                  title: t('common.time'),
                  key: 'time',
                  width: '30%',
                  render: (_, event) => (
                    <Tooltip title={event.untimed ? t('device.untimed') : ''}>
                      <span className="num">
                        {event.untimed ? '≈ ' : ''}
                        {parkTime(event.time)}
                      </span>
                    </Tooltip>
                  ),
                },
                {
                  title: t('device.eventType'),
                  key: 'type',
                  width: '26%',
                  render: (_, { type }) => <EventType type={type} {...nameOf(type)} />,
                },
                {
                  title: t('device.eventData'),
                  key: 'data',
                  render: (_, event) => <span className="mono small">{JSON.stringify(event.data)}</span>,
                },
              ]}
            />
          )
        }
      </Loaded>
      <MoreRows list={list} />
    </Panel>
  );
}
