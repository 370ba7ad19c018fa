import { useQuery } from '@tanstack/react-query';
import { DownloadOutlined, LeftOutlined, PrinterOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { AlarmFigures } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { nowMs } from '../../app/clock.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose, formatTime } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AlarmNav } from './alarm-nav.tsx';
import { Position } from './figures-page.tsx';
import { Days, Priorities, Standing, TimesAndHeld, Top } from './figures-parts.tsx';
import { figureRows, figuresCsv } from './figures-rows.ts';
import { MaintenanceLines } from './maintenance-words.tsx';
import { isWeek, mondayOf, shiftDays } from './week.ts';

/** One week of alarms, Monday to Sunday, beside the week before; for the screen, for paper, and as a file. */
export function ReportPage() {
  const t = useWords();
  const { timeZone } = useSession();
  const { values, set } = useFilters(['week', 'position'] as const);
  const thisWeek = mondayOf(formatTime(nowMs(), timeZone, 'day'));
  const from = isWeek(values.week) ? values.week : thisWeek;
  const to = shiftDays(from, 6);
  const { position } = values;
  const load = (range: { from: string; to: string }) => ({
    queryKey: [...keys.alarms, 'figures', range, position],
    queryFn: () => alarmApi.figures({ ...range, position }),
  });
  const query = useQuery(load({ from, to }));
  const before = useQuery(load({ from: shiftDays(from, -7), to: shiftDays(from, -1) }));
  const go = (days: number) => set({ week: shiftDays(from, days) });
  return (
    <Page
      title={t('report.title')}
      beside={<AlarmNav />}
      actions={
        <>
          <Button icon={<PrinterOutlined />} onClick={() => print()}>
            {t('report.print')}
          </Button>
          <Button
            icon={<DownloadOutlined />}
            disabled={query.data === undefined}
            onClick={() => {
              if (query.data !== undefined)
                downloadCsv(`alarm-report-${from}-${to}`, figuresCsv(query.data, t));
            }}
          >
            {t('report.csv')}
          </Button>
        </>
      }
    >
      <div className="filters">
        <Button
          icon={<LeftOutlined />}
          aria-label={t('report.earlier')}
          title={t('report.earlier')}
          onClick={() => go(-7)}
        />
        <b className="num">{t('report.period', { from, to })}</b>
        <Button
          icon={<RightOutlined />}
          aria-label={t('report.later')}
          title={t('report.later')}
          disabled={from >= thisWeek}
          onClick={() => go(7)}
        />
        <Position
          value={position}
          positions={query.data?.positions ?? []}
          onChange={(chosen) => set({ position: chosen })}
        />
        <Made />
      </div>
      <Loaded query={query}>
        {(figures) =>
          figures.days.length === 0 ? (
            <Panel>
              <EmptyState title={t('figures.nothing')} hint={t('figures.nothingHint')} />
            </Panel>
          ) : (
            <>
              <Summary figures={figures} before={before.data} />
              <div className="split">
                <Priorities figures={figures} />
                <TimesAndHeld figures={figures} />
              </div>
              <Top figures={figures} />
              <Standing figures={figures} />
              <Days figures={figures} />
              <Panel title={t('report.maintenance')}>
                <MaintenanceLines from={from} to={to} />
              </Panel>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Made() {
  const t = useWords();
  const parkTime = useParkTime();
  const { user } = useSession();
  return (
    <span className="soft small">
      {t('report.made', { time: parkTime(nowMs()), user: user.displayName })}
    </span>
  );
}

function Summary({ figures, before }: { figures: AlarmFigures; before: AlarmFigures | undefined }) {
  const t = useWords();
  const rows = figureRows(figures, t);
  const last = new Map(
    before === undefined || before.days.length === 0
      ? []
      : figureRows(before, t).map((row) => [row.key, row]),
  );
  return (
    <Panel title={t('report.summary')}>
      <p className="soft small flat">{t('figures.hint')}</p>
      <div className="scroll-x">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{t('report.item')}</th>
              <th className="right">{t('report.thisWeek')}</th>
              <th className="right">{t('report.lastWeek')}</th>
              <th className="right">{t('report.change')}</th>
              <th>{t('report.reference')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const previous = last.get(row.key);
              return (
                <tr key={row.key}>
                  <td>{row.name}</td>
                  <td className="right num">{row.text}</td>
                  <td className="right num">{previous?.text ?? t('common.noData')}</td>
                  <td className="right num">{change(row.value, previous?.value) ?? t('common.noData')}</td>
                  <td>
                    {row.reference}{' '}
                    {row.beyond === true ? <span className="tag alert">{t('figures.beyond')}</span> : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** By how much, percent of before; null where that cannot be told. */
function change(now: number | null, before: number | null | undefined): string | null {
  if (now === null || before === null || before === undefined || before === 0) return null;
  const percent = (now / before - 1) * 100;
  return `${percent > 0 ? '+' : ''}${formatLoose(percent, 0)} %`;
}
