import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Point } from '../app/api.ts';
import { api } from '../app/api.ts';
import { formatSpan, stateOf } from '../app/format.ts';
import { useBilingual, useWords } from '../app/i18n.ts';
import { useParkTime } from '../app/session.ts';
import { Loaded } from './states.tsx';

interface StateTimelineProps {
  readonly point: Point;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Shades that tell states apart without saying that one is bad; a state that is not normal has its severity's colour. */
const shades = ['0.25', '0.8', '0.5', '0.95', '0.65', '0.4'];

function useColours(point: Point): (value: number) => { background: string; opacity: string } {
  return (value) => {
    const severity = point.abnormal[point.states[value]?.key ?? ''];
    if (severity !== undefined) return { background: `var(--shape-${severity})`, opacity: '1' };
    return { background: 'var(--action)', opacity: shades[value % shades.length] ?? '0.5' };
  };
}

/** Which state a point was in over a period: bands, and how long each lasted. What is not known is left blank. */
export function StateTimeline({ point, fromMs, toMs }: StateTimelineProps) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const colourOf = useColours(point);
  const query = useQuery({
    queryKey: ['timeline', point.key, fromMs, toMs],
    queryFn: () =>
      api.timeline({
        points: point.key,
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
      }),
    placeholderData: keepPreviousData,
  });
  const nameOf = (value: number) => {
    const state = stateOf(point, value);
    return state === undefined ? String(value) : both(state.name);
  };
  const wholeMs = toMs - fromMs;
  const percent = (ms: number) => `${((100 * ms) / wholeMs).toFixed(3)}%`;
  return (
    <Loaded query={query}>
      {({ items: [timeline] }) =>
        timeline === undefined ? null : (
          <>
            <div className="bands" role="img" aria-label={t('timeline.title')}>
              {timeline.spans.map(({ from, to, value }) => {
                const [startMs, endMs] = [Date.parse(from), Date.parse(to)];
                const length = formatSpan(t, endMs - startMs);
                const told = { state: nameOf(value), from: parkTime(from), to: parkTime(to), length };
                const place = { left: percent(startMs - fromMs), width: percent(endMs - startMs) };
                return (
                  <i key={from} title={t('timeline.span', told)} style={{ ...place, ...colourOf(value) }} />
                );
              })}
            </div>
            <div className="row soft small num">
              <span>{parkTime(fromMs, 'minute')}</span>
              <span className="grow" />
              <span>{parkTime(toMs, 'minute')}</span>
            </div>
            <table className="plain-table num">
              <thead>
                <tr>
                  <th>{t('timeline.title')}</th>
                  <th className="right">{t('timeline.total')}</th>
                  <th className="right">{t('timeline.share')}</th>
                  <th className="right">{t('timeline.entered')}</th>
                </tr>
              </thead>
              <tbody>
                {timeline.totals.map(({ value, seconds, entered }) => (
                  <tr key={value}>
                    <td>
                      <i className="swatch" style={colourOf(value)} /> {nameOf(value)}
                    </td>
                    <td className="right">{formatSpan(t, seconds * 1_000)}</td>
                    <td className="right">{((100_000 * seconds) / wholeMs).toFixed(1)} %</td>
                    <td className="right">{entered}</td>
                  </tr>
                ))}
                {timeline.unknownS === 0 ? null : (
                  <tr title={t('timeline.unknownHint')}>
                    <td className="soft">{t('timeline.unknown')}</td>
                    <td className="right">{formatSpan(t, timeline.unknownS * 1_000)}</td>
                    <td className="right">{((100_000 * timeline.unknownS) / wholeMs).toFixed(1)} %</td>
                    <td />
                  </tr>
                )}
              </tbody>
            </table>
          </>
        )
      }
    </Loaded>
  );
}
