import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Severity } from '#schemas/device-class.ts';
import type { Provenance } from '#schemas/reading.ts';
import { provenances } from '#schemas/reading.ts';
import type { Overview } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { severityOrder } from '../../app/theme.ts';
import { ProvenanceMark } from '../../components/marks.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { ClassTable } from './class-table.tsx';
import { OpenAlarms } from './open-alarms.tsx';

const renewMs = 5_000;

type Totals = Omit<Overview['devices'][number], 'class'>;

export function totals(rows: Overview['devices']): Totals {
  const sum = (key: keyof Totals) => rows.reduce((total, row) => total + row[key], 0);
  return { total: sum('total'), online: sum('online'), offline: sum('offline'), silent: sum('silent') };
}

function DeviceFigure({ overview }: { overview: Overview }) {
  const t = useWords();
  const all = totals(overview.devices);
  return (
    <Panel title={t('overview.devices')}>
      <div className="figure">
        <div className="big">{formatCount(all.total)}</div>
        <div className="row wrap num">
          <span>
            {t('overview.online')} <b>{formatCount(all.online)}</b>
          </span>
          <Link to="/devices?status=offline" className={all.offline > 0 ? 'severity high' : 'soft'}>
            {t('overview.offline')} <b>{formatCount(all.offline)}</b>
          </Link>
          <Link to="/devices?status=silent" className={all.silent > 0 ? 'severity medium' : 'soft'}>
            {t('overview.silent')} <b>{formatCount(all.silent)}</b>
          </Link>
        </div>
      </div>
    </Panel>
  );
}

function ReadingsFigure({ overview }: { overview: Overview }) {
  const t = useWords();
  return (
    <Panel title={t('overview.readings')}>
      <div className="figure">
        <div className="big" data-testid="readings-per-minute">
          {formatCount(overview.readingsPerMinute)}
        </div>
        <span className="soft small">{t('overview.readingsHint')}</span>
      </div>
    </Panel>
  );
}

function AlarmFigure({ overview }: { overview: Overview }) {
  const t = useWords();
  const of = (severity: Severity) => overview.alarms[severity] ?? { active: 0, unacknowledged: 0 };
  const active = severityOrder.reduce((sum, severity) => sum + of(severity).active, 0);
  return (
    <Panel title={t('overview.activeAlarms')}>
      <div className="figure">
        <div className="big">{formatCount(active)}</div>
        <div className="row wrap">
          {severityOrder.map((severity) => {
            const { active: count, unacknowledged } = of(severity);
            return count + unacknowledged === 0 ? null : (
              <Link key={severity} className="row" to={`/alarms?severity=${severity}`}>
                <SeverityMark severity={severity} acknowledged={unacknowledged === 0} />
                <b className="num">{count}</b>
                <span className="soft small">{t('overview.unacknowledged', { count: unacknowledged })}</span>
              </Link>
            );
          })}
        </div>
      </div>
    </Panel>
  );
}

function ProvenanceFigure({ overview }: { overview: Overview }) {
  const t = useWords();
  const present = provenances.filter((each) => (overview.provenance[each] ?? 0) > 0);
  const foreign = present
    .filter((each) => each !== 'field')
    .map((each: Provenance) => t(`provenance.${each}`));
  return (
    <Panel title={t('overview.provenance')}>
      <div className="row wrap">
        {present.map((each) => (
          <span key={each} className="row">
            <ProvenanceMark provenance={each} />
            <b className="num">{formatCount(overview.provenance[each] ?? 0)}</b>
          </span>
        ))}
      </div>
      {foreign.length === 0 ? null : (
        <p className="soft small" style={{ marginBottom: 0 }}>
          {t('provenance.notField', { words: foreign.join(' / ') })}
        </p>
      )}
    </Panel>
  );
}

/** The first page: what is here, whether it reports, what is wrong, and where the data comes from. */
export function OverviewPage() {
  const t = useWords();
  const parkTime = useParkTime();
  const query = useQuery({ queryKey: keys.overview, queryFn: api.overview, refetchInterval: renewMs });
  return (
    <Page
      title={t('overview.title')}
      actions={
        query.data === undefined ? null : (
          <span className="soft small num">
            {t('overview.updated', { time: parkTime(query.dataUpdatedAt, 'clock') })}
          </span>
        )
      }
    >
      <Loaded query={query}>
        {(overview) => (
          <>
            <div className="figures">
              <DeviceFigure overview={overview} />
              <AlarmFigure overview={overview} />
              <ReadingsFigure overview={overview} />
              <ProvenanceFigure overview={overview} />
            </div>
            <div className="split">
              <Panel title={t('overview.devicesByClass')}>
                {overview.devices.length === 0 ? (
                  <EmptyState title={t('overview.empty')} hint={t('overview.emptyHint')} />
                ) : (
                  <ClassTable rows={overview.devices} />
                )}
              </Panel>
              <OpenAlarms />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
