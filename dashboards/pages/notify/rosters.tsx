import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { engineers } from '#schemas/roles.ts';
import { useNow } from '../../app/clock.ts';
import { formatTime } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import type { OnCallNow, OnCallSpan, Roster } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useSession } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useRosters, useSettingActions } from './lookups.ts';
import { RosterEditor } from './roster-editor.tsx';
import { blocksOfDay, localDay, hueOf, weekOf, type Week } from './week.ts';

const renewMs = 30_000;

/** Who stands, or that nobody does. */
function Standing({ onCall }: { onCall: Pick<OnCallNow, 'people' | 'by'> }) {
  const t = useWords();
  const { people, by } = onCall;
  if (people.length === 0) return <span className="severity critical">{t('notify.hole')}</span>;
  return (
    <span>
      {people.map(({ username, displayName, isActive }) => (
        <b key={username} className={isActive ? '' : 'severity high'}>
          {displayName}
          {isActive ? ' ' : ` (${t('notify.inactive')}) `}
        </b>
      ))}
      {by === 'override' ? <span className="tag">{t('notify.rosterForm.byOverride')}</span> : null}
      {by === 'holiday' ? <span className="tag">{t('notify.rosterForm.byHoliday')}</span> : null}
    </span>
  );
}

interface DayColumnProps {
  readonly day: Week['days'][number];
  readonly spans: readonly OnCallSpan[];
  readonly isToday: boolean;
}

function DayColumn({ day, spans, isToday }: DayColumnProps) {
  const t = useWords();
  const { timeZone } = useSession();
  const clock = (timeMs: number) => formatTime(timeMs, timeZone).slice(11, 16);
  return (
    <div className={isToday ? 'week-day today' : 'week-day'}>
      <div className="week-head small num">
        {t(`notify.weekday.d${day.weekday}`)} {day.day.slice(5)}
      </div>
      <div className="week-body">
        {blocksOfDay(day, spans).map(({ span, fromMs, toMs, top, height }) => {
          const names = span.people.map(({ displayName }) => displayName).join(', ');
          const words = names === '' ? t('notify.hole') : names;
          return (
            <div
              key={fromMs}
              className={span.people.length === 0 ? 'week-block hole' : 'week-block'}
              style={{
                top: `${top}%`,
                height: `${height}%`,
                ...hueOf(span.people.map(({ username }) => username)),
              }}
              title={`${clock(fromMs)}–${clock(toMs)} ${words}`}
            >
              <span className="small num">{clock(fromMs)}</span> {words}
              {span.by === 'override' ? ` · ${t('notify.rosterForm.byOverride')}` : ''}
              {span.by === 'holiday' ? ` · ${t('notify.rosterForm.byHoliday')}` : ''}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function WeekView({ roster }: { roster: Roster }) {
  const t = useWords();
  const { timeZone } = useSession();
  const present = useNow(60_000);
  const [shift, setShift] = useState(0);
  const week = weekOf(present, shift, timeZone);
  const range = { from: new Date(week.fromMs).toISOString(), to: new Date(week.toMs).toISOString() };
  const query = useQuery({
    queryKey: [...keys.notify, 'week', roster.id, range.from, roster],
    queryFn: () => notifyApi.onCallSpans(roster.id, range),
  });
  const today = localDay(present, timeZone);
  return (
    <>
      <div className="row">
        <Button
          size="small"
          aria-label={t('notify.rosterForm.previous')}
          icon={<LeftOutlined />}
          onClick={() => setShift(shift - 1)}
        />
        <span className="num">{t('notify.rosterForm.week', { from: week.days[0]?.day ?? '' })}</span>
        <Button
          size="small"
          aria-label={t('notify.rosterForm.next')}
          icon={<RightOutlined />}
          onClick={() => setShift(shift + 1)}
        />
        {shift === 0 ? null : (
          <Button size="small" onClick={() => setShift(0)}>
            {t('notify.rosterForm.today')}
          </Button>
        )}
      </div>
      <Loaded query={query}>
        {({ items }) => (
          <div className="week">
            {week.days.map((day) => (
              <DayColumn key={day.day} day={day} spans={items} isToday={day.day === today} />
            ))}
          </div>
        )}
      </Loaded>
    </>
  );
}

function RosterPanel({
  roster,
  onCall,
  onEdit,
}: {
  roster: Roster;
  onCall: OnCallNow | undefined;
  onEdit: () => void;
}) {
  const t = useWords();
  const mayEdit = useMay(engineers);
  const { remove } = useSettingActions('rosters');
  return (
    <Panel
      title={
        <span className="row wrap">
          {roster.name} <span className="mono soft small">{roster.id}</span>
          <span className="soft small">{t('notify.rosterForm.onCall')}</span>
          {onCall === undefined ? null : <Standing onCall={onCall} />}
        </span>
      }
      actions={
        mayEdit ? (
          <span className="row">
            <Button size="small" onClick={onEdit}>
              {t('common.edit')}
            </Button>
            <Button size="small" danger onClick={() => remove(roster)}>
              {t('account.delete')}
            </Button>
          </span>
        ) : null
      }
    >
      <WeekView roster={roster} />
    </Panel>
  );
}

/** Who is on call: now, and over the week; holes stand out. */
export function Rosters() {
  const t = useWords();
  const query = useRosters();
  const now = useQuery({
    queryKey: [...keys.notify, 'on-call'],
    queryFn: notifyApi.onCall,
    refetchInterval: renewMs,
  });
  const mayEdit = useMay(engineers);
  const [editing, setEditing] = useState<Roster | 'new' | null>(null);
  return (
    <div className="notify-stack">
      {mayEdit ? (
        <div className="row end">
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('notify.rosterForm.add')}
          </Button>
        </div>
      ) : null}
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel>
              <EmptyState title={t('notify.rosterForm.empty')} hint={t('notify.rosterForm.emptyHint')} />
            </Panel>
          ) : (
            items.map((roster) => (
              <RosterPanel
                key={roster.id}
                roster={roster}
                onCall={now.data?.items.find((each) => each.roster === roster.id)}
                onEdit={() => setEditing(roster)}
              />
            ))
          )
        }
      </Loaded>
      {editing === null ? null : (
        <RosterEditor roster={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}
