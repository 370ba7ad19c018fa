import { Link } from 'react-router';
import { floodBegins, manageableRate, mostRate, prioritySpread } from '#schemas/alarm-figures.ts';
import type { DurationFigures } from '#schemas/api/alarm-figures.ts';
import type { AlarmFigures } from '../../app/alarm-api.ts';
import { formatCount, formatLoose, formatSpan } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useParkTime } from '../../app/session.ts';
import { Age } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { percent, priorities } from './figures-rows.ts';

const secondMs = 1_000;

interface FigureProps {
  readonly title: string;
  readonly value: string;
  readonly beyond?: boolean | undefined;
  readonly children?: React.ReactNode;
}

/** One large figure; what is beyond its reference says so in words and colour. */
function Figure({ title, value, beyond, children }: FigureProps) {
  const t = useWords();
  return (
    <section className="panel figure">
      <div className="soft">{title}</div>
      <div className="big">{value}</div>
      {beyond === undefined ? null : (
        <span className={beyond ? 'tag alert' : 'tag'}>
          {t(beyond ? 'figures.beyond' : 'figures.within')}
        </span>
      )}
      <div className="soft small">{children}</div>
    </section>
  );
}

/** What matters most, large. */
export function Headline({ figures }: { figures: AlarmFigures }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { rate, floods, chattering, standing } = figures;
  const number = (value: number | null) => (value === null ? t('common.noData') : formatLoose(value, 2));
  return (
    <div className="figures narrow">
      <Figure title={t('figures.mean')} value={number(rate.mean)} beyond={(rate.mean ?? 0) > manageableRate}>
        {t('figures.manageable')}
      </Figure>
      <Figure title={t('figures.p95')} value={number(rate.p95)} beyond={(rate.p95 ?? 0) > mostRate}>
        {t('figures.p99')} {number(rate.p99)}
      </Figure>
      <Figure title={t('figures.peak')} value={number(rate.peak)} beyond={(rate.peak ?? 0) > floodBegins}>
        {rate.peakAt === null ? null : parkTime(rate.peakAt, 'minute')}
      </Figure>
      <Figure title={t('figures.floods')} value={formatCount(floods.count)} beyond={floods.count > 0}>
        {floods.count === 0 ? null : t('figures.longest', { span: formatSpan(t, floods.longestMs) })}
      </Figure>
      <Figure
        title={t('figures.chattering')}
        value={formatCount(chattering.sources)}
        beyond={chattering.sources > 0}
      >
        {t('figures.chatteringHint')}
      </Figure>
      <Figure title={t('figures.standing')} value={formatCount(standing.count)} beyond={standing.count > 0}>
        {t('figures.standingHint')}
      </Figure>
    </div>
  );
}

const chart = { height: 120, gap: 2, width: 720, widest: 24 };

/** A bar a day; what was announced while a position was flooded is marked. */
export function DayBars({ days }: { days: AlarmFigures['days'] }) {
  const t = useWords();
  const most = Math.max(1, ...days.map((day) => day.announced));
  const step = chart.width / Math.max(1, days.length);
  const width = Math.max(1, Math.min(step - chart.gap, chart.widest));
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${chart.width} ${chart.height + 20}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('figures.chartLabel')}
    >
      {days.map((day, index) => {
        const height = (day.announced / most) * chart.height;
        return (
          <rect
            key={day.day}
            className={day.floodBuckets > 0 ? 'flooded' : ''}
            x={index * step + (step - width) / 2}
            y={chart.height - height}
            width={width}
            height={Math.max(day.announced === 0 ? 0 : 1, height)}
          >
            <title>{`${day.day}: ${day.announced}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** How priorities are spread, beside how they are meant to be. */
export function Priorities({ figures: { bySeverity } }: { figures: AlarmFigures }) {
  const t = useWords();
  const total = priorities.reduce((count, { key }) => count + bySeverity[key], 0);
  return (
    <Panel title={t('figures.priorities')}>
      <table className="plain-table">
        <tbody>
          {priorities.map(({ key }) => (
            <tr key={key}>
              <td>
                <SeverityMark severity={key} />
              </td>
              <td className="right num">{formatCount(bySeverity[key])}</td>
              <td className="right num">{percent(total === 0 ? null : bySeverity[key] / total, t)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft small">{t('figures.prioritiesTarget', prioritySpread)}</p>
    </Panel>
  );
}

function Times({ title, figures }: { title: string; figures: DurationFigures }) {
  const t = useWords();
  const span = (seconds: number | null) =>
    seconds === null ? t('common.noData') : formatSpan(t, seconds * secondMs);
  return (
    <tr>
      <td>{title}</td>
      <td className="right num">{t('figures.counted', { count: figures.count })}</td>
      <td className="right num">{t('figures.medianTime', { span: span(figures.medianS) })}</td>
      <td className="right num">{t('figures.p95Time', { span: span(figures.p95S) })}</td>
      <td className="right num">{t('figures.meanTime', { span: span(figures.meanS) })}</td>
    </tr>
  );
}

/** How long acknowledging and clearing took, and how long alarms were kept from the operators. */
export function TimesAndHeld({ figures }: { figures: AlarmFigures }) {
  const t = useWords();
  const { acknowledge, clear, held, recorded } = figures;
  const span = (seconds: number) => formatSpan(t, seconds * secondMs);
  return (
    <Panel title={`${t('figures.acknowledge')} · ${t('figures.clear')}`}>
      <table className="plain-table wrapping">
        <tbody>
          <Times title={t('figures.acknowledge')} figures={acknowledge} />
          <Times title={t('figures.clear')} figures={clear} />
          <tr>
            <td title={t('figures.heldHint')}>{t('figures.held')}</td>
            <td className="right num">{t('figures.counted', { count: recorded })}</td>
            <td className="right num">{t('figures.shelvedFor', { span: span(held.shelvedS) })}</td>
            <td className="right num">{t('figures.suppressedFor', { span: span(held.suppressedS) })}</td>
            <td className="right num">{t('figures.outOfServiceFor', { span: span(held.outOfServiceS) })}</td>
          </tr>
        </tbody>
      </table>
      <p className="soft small">{t('figures.heldHint')}</p>
    </Panel>
  );
}

export function Top({ figures: { top, topShare, chattering } }: { figures: AlarmFigures }) {
  const t = useWords();
  const both = useBilingual();
  return (
    <Panel
      title={t('figures.top')}
      actions={
        <span className="soft">
          {t('figures.topShare', { share: percent(topShare, t) })} · {t('figures.chattering')}{' '}
          {t('figures.chatteringCount', chattering)}
        </span>
      }
    >
      <table className="plain-table">
        <thead>
          <tr>
            <th>{t('alarm.title')}</th>
            <th>{t('alarm.device')}</th>
            <th className="right">{t('figures.raised')}</th>
            <th className="right">{t('figures.share')}</th>
            <th className="right">{t('figures.chattered')}</th>
          </tr>
        </thead>
        <tbody>
          {top.map((each) => (
            <tr key={`${each.ruleId} ${each.object}`}>
              <td>
                <Link to={`/alarms?state=all&rule=${each.ruleId}&device=${each.deviceId}`}>
                  {both({ zh: each.ruleName, en: each.ruleNameEn ?? each.ruleName })}
                </Link>
              </td>
              <td>{each.deviceName}</td>
              <td className="right num">{formatCount(each.raised)}</td>
              <td className="right num">{percent(each.share, t)}</td>
              <td className="right num">{formatCount(each.chattered)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

export function Standing({ figures: { standing } }: { figures: AlarmFigures }) {
  const t = useWords();
  const both = useBilingual();
  return (
    <Panel
      title={t('figures.standing')}
      actions={<span className="soft">{t('figures.counted', { count: standing.count })}</span>}
    >
      {standing.items.length === 0 ? (
        <span className="soft">{t('figures.noStanding')}</span>
      ) : (
        <div className="lines">
          {standing.items.map((each) => (
            <div key={each.alarmId} className="row">
              <SeverityMark severity={each.severity} acknowledged={each.acknowledged} />
              <Link className="cut grow" to={`/alarms?alarm=${each.alarmId}`}>
                {both({ zh: each.ruleName, en: each.ruleNameEn ?? each.ruleName })} · {each.deviceName}
              </Link>
              <span className="soft small">
                <Age time={each.raisedAt} />
              </span>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

/** Day by day; time that alarms were shelved or suppressed stands beside what was announced. */
export function Days({ figures: { days } }: { figures: AlarmFigures }) {
  const t = useWords();
  const span = (seconds: number) => (seconds === 0 ? '0' : formatSpan(t, seconds * secondMs));
  return (
    <Panel title={t('figures.perDayTitle')}>
      <DayBars days={days} />
      <div className="scroll-x">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{t('figures.day')}</th>
              <th className="right">{t('figures.announced')}</th>
              {priorities.map(({ key }) => (
                <th key={key} className="right">
                  {t(`severity.${key}`)}
                </th>
              ))}
              <th className="right">{t('figures.peak')}</th>
              <th className="right">{t('figures.floodShort')}</th>
              <th className="right">{t('figures.standingShort')}</th>
              <th className="right">{t('figures.shelvedShort')}</th>
              <th className="right">{t('figures.suppressedShort')}</th>
              <th className="right">{t('figures.outOfServiceShort')}</th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.day}>
                <td className="num">{day.day}</td>
                <td className="right num">{formatCount(day.announced)}</td>
                {priorities.map(({ key }) => (
                  <td key={key} className="right num">
                    {formatCount(day.bySeverity[key])}
                  </td>
                ))}
                <td className="right num">{formatCount(day.peak)}</td>
                <td className="right num">{formatCount(day.floodBuckets)}</td>
                <td className="right num">{formatCount(day.standing)}</td>
                <td className="right num">{span(day.shelvedS)}</td>
                <td className="right num">{span(day.suppressedS)}</td>
                <td className="right num">{span(day.outOfServiceS)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
