import { useQuery } from '@tanstack/react-query';
import type { BoardCalendar, ClassBoardAnswer } from '#schemas/api/class-board.ts';
import { weekdayOf } from '#schemas/local-time.ts';
import { classBoardApi } from '../../app/class-board-api.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useMetrics } from '../../app/lookups.ts';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { Loaded } from '../../components/states.tsx';
import type { BoardScope } from './board-trend.tsx';

const renewMs = 60_000;
type Limit = ClassBoardAnswer['board']['limits'][number];

/** A limit in words: what, how much, when, and whence. */
function useLimitText(deviceClass: string): (limit: Limit) => string {
  const t = useWords();
  const both = useBilingual();
  const metricOf = useMetrics();
  return ({ metric, side, limit, of, hours, basis }) => {
    const { name, unit } = metricOf({ metric, deviceClass });
    const amount = t('boards.limit', {
      side: t(`boards.side.${side}`),
      limit: formatLoose(limit),
      unit: unitSign(unit),
    });
    const when = hours === undefined ? '' : ` ${hours.from}–${hours.to}`;
    return `${both(name)}${when} ${amount.trim()} · ${t(`boards.by.${of}`)} · ${both(basis)}`;
  };
}

function Day({ item, answer }: { item: BoardCalendar['items'][number]; answer: ClassBoardAnswer }) {
  const t = useWords();
  const text = useLimitText(answer.class);
  const judged = item.verdicts.flatMap((verdict, at) => {
    const limit = answer.board.limits[at];
    return verdict === null || limit === undefined ? [] : [{ verdict, limit }];
  });
  const over = judged.filter(({ verdict }) => verdict.over);
  const word = over.length > 0 ? 'over' : judged.length > 0 ? 'ok' : 'none';
  const lines = (over.length > 0 ? over : judged).map(
    ({ verdict, limit }) => `${formatLoose(verdict.value, 1)} (${verdict.deviceId}) · ${text(limit)}`,
  );
  const severity = over[0]?.limit.severity;
  return (
    <td
      className={`verdict ${word}`}
      title={[`${item.day} ${t(`boards.verdict.${word}`)}`, ...lines].join('\n')}
      data-day={item.day}
    >
      <span className="num small">{item.day.slice(5)}</span>
      <span className="row small">
        {severity === undefined ? null : <SeverityMark severity={severity} wordless />}
        {t(`boards.verdict.${word}`)}
        {over.length > 1 ? ` ${over.length}` : ''}
      </span>
    </td>
  );
}

/** Weeks under one another, Monday first. */
function weeksOf(items: BoardCalendar['items']): (BoardCalendar['items'][number] | null)[][] {
  const [first] = items;
  if (first === undefined) return [];
  const days = [...Array.from({ length: weekdayOf(first.day) - 1 }, () => null), ...items];
  return Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(7 * week, 7 * week + 7));
}

/** Day by day against the limits, as a map of days. */
export function BoardCalendarPanel({ answer, space }: BoardScope) {
  const t = useWords();
  const text = useLimitText(answer.class);
  const query = useQuery({
    queryKey: ['class-board', answer.class, 'calendar', space],
    queryFn: () => classBoardApi.calendar(answer.class, { space }),
    refetchInterval: renewMs,
  });
  return (
    <Panel title={t('boards.calendar')}>
      <p className="soft small">{t('boards.calendarHint')}</p>
      <Loaded query={query}>
        {({ items }) => (
          <table className="day-map" data-testid="calendar">
            <tbody>
              {weeksOf(items).map((week, at) => (
                <tr key={week.find((day) => day !== null)?.day ?? at}>
                  {week.map((item, place) =>
                    item === null ? <td key={place} /> : <Day key={item.day} item={item} answer={answer} />,
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
      <details>
        <summary>{t('boards.limits')}</summary>
        <ul className="small">
          {answer.board.limits.map((limit) => (
            <li key={`${limit.metric} ${limit.side} ${limit.hours?.from ?? ''}`}>{text(limit)}</li>
          ))}
        </ul>
      </details>
    </Panel>
  );
}
