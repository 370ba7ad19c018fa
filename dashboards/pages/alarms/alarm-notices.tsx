import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { Link } from 'react-router';
import { alarmHandlers } from '#schemas/roles.ts';
import type { AlarmFlood } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useParkTime } from '../../app/session.ts';
import { SeverityMark } from '../../components/severity.tsx';
import { BulkModal } from './bulk-modal.tsx';

const renewMs = 15_000;

/** Nobody overlooks a critical alarm because of a filter. */
export function HiddenCritical({ count }: { count: number }) {
  const t = useWords();
  if (count === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={t('hidden.critical', { count })}
      action={<Link to="/alarms?severity=critical">{t('hidden.show')}</Link>}
    />
  );
}

export function useFloods() {
  return useQuery({
    queryKey: [...keys.alarms, 'floods'],
    queryFn: alarmApi.floods,
    refetchInterval: renewMs,
  });
}

/** The name of a cause in the chosen language, after its kind. */
export function useCauseName(): (cause: AlarmFlood['causes'][number]) => string {
  const t = useWords();
  const both = useBilingual();
  return ({ kind, name, nameEn }) =>
    kind === 'other' ? t('flood.other') : `${t(`flood.${kind}`)} · ${both({ zh: name, en: nameEn ?? name })}`;
}

/** The floods that go on, grouped by what their alarms have in common. */
export function FloodNotice() {
  const { data } = useFloods();
  const running = (data?.items ?? []).filter((flood) => flood.endedAt === null);
  return running.map((flood) => <Running key={flood.id} flood={flood} />);
}

function Running({ flood }: { flood: AlarmFlood }) {
  const t = useWords();
  const parkTime = useParkTime();
  const causeName = useCauseName();
  const mayHandle = useMay(alarmHandlers);
  const [open, setOpen] = useState(true);
  const [acting, setActing] = useState<readonly string[] | null>(null);
  const { announced: count, peak, causes, beganAt } = flood;
  return (
    <section className="panel flood" role="status">
      <div className="panel-head">
        <h2>{t('flood.running', { time: parkTime(beganAt, 'clock'), count, peak })}</h2>
        <span className="grow" />
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'flood.hide' : 'flood.show')}
        </Button>
      </div>
      {open ? (
        <table className="plain-table">
          <thead>
            <tr>
              <th>{t('flood.cause')}</th>
              <th>{t('severity.title')}</th>
              <th className="right">{t('flood.count')}</th>
              <th className="right">{t('flood.unacknowledged')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {causes.map((cause) => (
              <tr key={`${cause.kind}/${cause.id}`}>
                <td>{causeName(cause)}</td>
                <td>
                  <SeverityMark severity={cause.severity} acknowledged={cause.unacknowledged === 0} />
                </td>
                <td className="right num">{cause.count}</td>
                <td className="right num">{cause.unacknowledged}</td>
                <td className="right">
                  {mayHandle && cause.unacknowledged > 0 ? (
                    <Button size="small" onClick={() => setActing(cause.ids)}>
                      {t('flood.acknowledgeGroup')}
                    </Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {acting === null ? null : (
        <BulkModal
          filter={{ state: 'open' }}
          told={t('flood.title')}
          ids={acting}
          onClose={() => setActing(null)}
        />
      )}
    </section>
  );
}
