import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button, DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import dayjs from 'dayjs';
import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import { engineers } from '#schemas/roles.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { nowMs } from '../../app/clock.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { formatTime } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useSession } from '../../app/session.ts';
import { FlushTable } from '../../components/flush-table.tsx';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { CalendarImport } from './calendar-import.tsx';
import { weeksOf } from './weeks.ts';

const months = Array.from({ length: 12 }, (_, i) => i + 1);

export function useCalendarYear(year: number) {
  return useQuery({
    queryKey: [...keys.alarmRules, 'calendar', year],
    queryFn: () => alarmApi.calendar({ from: `${year}-01-01`, to: `${year}-12-31` }),
  });
}

interface DayProps {
  readonly day: string;
  readonly set: CalendarDay | undefined;
  readonly onChoose?: (() => void) | undefined;
}

function Day({ day, set, onChoose }: DayProps) {
  const t = useWords();
  const label = `${day} ${t(`calendar.${set?.kind ?? 'usual'}`)} ${set?.name ?? ''}`.trim();
  const text = Number(day.slice(8));
  const shown = set === undefined ? 'calendar-day num' : `calendar-day num ${set.kind}`;
  return (
    <button
      type="button"
      className={shown}
      title={label}
      aria-label={label}
      disabled={onChoose === undefined}
      onClick={onChoose}
    >
      {text}
    </button>
  );
}

interface MonthProps {
  readonly year: number;
  readonly month: number;
  readonly days: ReadonlyMap<string, CalendarDay>;
  readonly onChoose?: ((day: string) => void) | undefined;
}

function Month({ year, month, days, onChoose }: MonthProps) {
  const t = useWords();
  return (
    <div className="calendar-month">
      <b className="small">{t('calendar.month', { month })}</b>
      <div className="calendar-week soft small">
        {([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) => (
          <span key={weekday}>{t(`notify.weekday.d${weekday}`)}</span>
        ))}
      </div>
      {weeksOf(year, month).map((week, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- weeks of a month have no other name
        <div key={i} className="calendar-week">
          {week.map((day, weekday) =>
            day === null ? (
              // oxlint-disable-next-line react/no-array-index-key -- an empty place
              <span key={weekday} />
            ) : (
              <Day
                key={day}
                day={day}
                set={days.get(day)}
                onChoose={onChoose === undefined ? undefined : () => onChoose(day)}
              />
            ),
          )}
        </div>
      ))}
    </div>
  );
}

interface Values {
  readonly range: readonly [Dayjs, Dayjs];
  readonly kind: CalendarDay['kind'] | 'usual';
  readonly name?: string;
  readonly reason: string;
}

const dayText = (picked: Dayjs) => picked.format('YYYY-MM-DD');

function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = dayjs(from); !day.isAfter(dayjs(to)); day = day.add(1, 'day')) days.push(dayText(day));
  return days;
}

/** Says what a day, or some in a row, are. */
function EditDays({
  day,
  set,
  onClose,
}: {
  day: string;
  set?: CalendarDay | undefined;
  onClose: () => void;
}) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  return (
    <FormModal<Values>
      title={t('calendar.edit', { day })}
      action={t('common.save')}
      initial={{
        range: [dayjs(day), dayjs(day)],
        kind: set?.kind ?? 'restday',
        ...(set === undefined ? {} : { name: set.name }),
      }}
      onClose={onClose}
      onSubmit={async ({ range: [first, last], kind, name = '', reason }) => {
        const [from, to] = [dayText(first), dayText(last)];
        const days =
          kind === 'usual'
            ? []
            : daysBetween(from, to).map((each) => ({ day: each, kind, name: name.trim() }));
        await alarmApi.saveCalendar({ from, to }, { days, reason: reason.trim() });
        await client.invalidateQueries({ queryKey: keys.alarmRules });
        notify.done(t('calendar.saved'));
      }}
    >
      <Form.Item
        name="range"
        label={`${t('calendar.from')} – ${t('calendar.to')}`}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <DatePicker.RangePicker allowClear={false} />
      </Form.Item>
      <div className="form-row">
        <Form.Item name="kind" label={t('calendar.kind')}>
          <Select
            options={(['restday', 'workday', 'usual'] as const).map((value) => ({
              value,
              label: t(`calendar.${value}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t('calendar.name')}>
          <Input maxLength={100} />
        </Form.Item>
      </div>
      <Form.Item
        name="reason"
        label={t('calendar.reason')}
        rules={[{ required: true, whitespace: true, message: t('common.required') }]}
      >
        <Input maxLength={500} />
      </Form.Item>
    </FormModal>
  );
}

/** The days on which the park does not follow the weekday: a year of them, changed one by one or from a file. */
export function ParkCalendar() {
  const t = useWords();
  const { timeZone } = useSession();
  const mayEdit = useMay(engineers);
  const { values, set } = useFilters(['year'] as const);
  const thisYear = Number(formatTime(nowMs(), timeZone, 'day').slice(0, 4));
  const year = /^2\d{3}$/.test(values.year) ? Number(values.year) : thisYear;
  const query = useCalendarYear(year);
  const [editing, setEditing] = useState<string | null>(null);
  const [importing, setImporting] = useState(false);
  const items = query.data?.items ?? [];
  const byDay = new Map(items.map((each) => [each.day, each]));
  const count = (kind: CalendarDay['kind']) => items.filter((each) => each.kind === kind).length;
  const go = (to: number) => set({ year: to === thisYear ? null : String(to) });
  return (
    <div className="notify-stack">
      <div className="filters">
        <Button icon={<LeftOutlined />} aria-label={t('calendar.earlier')} onClick={() => go(year - 1)} />
        <b className="num">{year}</b>
        <Button icon={<RightOutlined />} aria-label={t('calendar.later')} onClick={() => go(year + 1)} />
        <span className="num">
          {t('calendar.counts', { rest: count('restday'), work: count('workday') })}
        </span>
        <span className="soft small grow">{t('calendar.hint')}</span>
        <Button
          disabled={items.length === 0}
          onClick={() =>
            downloadCsv(
              `calendar-${year}`,
              items.map(({ day, kind, name }) => [day, kind, name]),
            )
          }
        >
          {t('calendar.export')}
        </Button>
        {mayEdit ? (
          <>
            <Button onClick={() => setImporting(true)}>{t('calendar.import')}</Button>
            <Button type="primary" onClick={() => setEditing(`${year}-01-01`)}>
              {t('calendar.add')}
            </Button>
          </>
        ) : null}
      </div>
      <Panel>
        <Loaded query={query}>
          {() => (
            <div className="calendar-year">
              {months.map((month) => (
                <Month
                  key={month}
                  year={year}
                  month={month}
                  days={byDay}
                  onChoose={mayEdit ? setEditing : undefined}
                />
              ))}
            </div>
          )}
        </Loaded>
      </Panel>
      <FlushTable<CalendarDay>
        query={query}
        rowKey="day"
        columns={[
          { title: t('figures.day'), key: 'day', render: (_, { day }) => <span className="num">{day}</span> },
          { title: t('calendar.kind'), key: 'kind', render: (_, { kind }) => t(`calendar.${kind}`) },
          { title: t('calendar.name'), dataIndex: 'name' },
          {
            title: '',
            key: 'actions',
            align: 'right',
            render: (_, { day }) =>
              mayEdit ? (
                <Button size="small" onClick={() => setEditing(day)}>
                  {t('common.edit')}
                </Button>
              ) : null,
          },
        ]}
        empty={{ title: t('calendar.none', { year }), hint: t('calendar.noneHint') }}
      />
      {editing === null ? null : (
        <EditDays day={editing} set={byDay.get(editing)} onClose={() => setEditing(null)} />
      )}
      {importing ? <CalendarImport onClose={() => setImporting(false)} /> : null}
    </div>
  );
}
