import { useQuery } from '@tanstack/react-query';
import type { MaintenanceWindow } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { formatSpan } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useSpaces } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { Loaded } from '../../components/states.tsx';

const minuteMs = 60_000;
const weekdays = ['day1', 'day2', 'day3', 'day4', 'day5', 'day6', 'day7'] as const;

/** What planned work covers, in words. */
export function useTargetWords(): (target: MaintenanceWindow['target']) => string {
  const t = useWords();
  const className = useClassNames();
  const { data: spaces } = useSpaces();
  return ({ device, space, deviceClass, tag }) =>
    [
      device,
      space === undefined ? undefined : (spaces?.items.find(({ id }) => id === space)?.name ?? space),
      deviceClass === undefined ? undefined : className(deviceClass),
      tag === undefined ? undefined : `${t('maintenance.tag')} ${tag}`,
    ]
      .filter((part) => part !== undefined)
      .join(' · ');
}

/** When planned work is, in words. */
export function useScheduleWords(): (schedule: MaintenanceWindow['schedule']) => string {
  const t = useWords();
  const parkTime = useParkTime();
  return (schedule) => {
    if (schedule.kind === 'once') {
      return t('maintenance.onceText', {
        from: parkTime(schedule.from, 'minute'),
        to: parkTime(schedule.to, 'minute'),
      });
    }
    return t('maintenance.weeklyText', {
      days: schedule.days
        .toSorted((a, b) => a - b)
        .map((day) => t(`maintenance.${weekdays[day - 1] ?? 'day1'}`))
        .join(t('common.listSign')),
      start: schedule.start,
      span: formatSpan(t, schedule.minutes * minuteMs),
    });
  };
}

/** Planned work that lay in a period, with its reason. */
export function MaintenanceLines({ from, to }: { from: string; to: string }) {
  const t = useWords();
  const targetWords = useTargetWords();
  const scheduleWords = useScheduleWords();
  const query = useQuery({
    queryKey: [...keys.alarms, 'maintenance', 'all'],
    queryFn: () => alarmApi.maintenance({ state: 'all', limit: 1_000 }),
  });
  return (
    <Loaded query={query}>
      {({ items }) => {
        const inside = items.filter((window) => overlaps(window, from, to));
        if (inside.length === 0) return <span className="soft">{t('handover.none')}</span>;
        return (
          <div className="lines">
            {inside.map((window) => (
              <div key={window.id}>
                <b>{window.name}</b> · {targetWords(window.target)} · {scheduleWords(window.schedule)}
                <div className="soft small">
                  {window.reason} · {t('maintenance.by', { actor: window.createdBy })}
                </div>
              </div>
            ))}
          </div>
        );
      }}
    </Loaded>
  );
}

/** By days; what was ended early before the period does not count. */
function overlaps({ schedule, createdAt }: MaintenanceWindow, from: string, to: string): boolean {
  if (createdAt.slice(0, 10) > to) return false;
  if (schedule.kind === 'once') return schedule.from.slice(0, 10) <= to && schedule.to.slice(0, 10) >= from;
  return schedule.fromDay <= to && (schedule.toDay === undefined || schedule.toDay >= from);
}
