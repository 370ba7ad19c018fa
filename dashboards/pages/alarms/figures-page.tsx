import { useQuery } from '@tanstack/react-query';
import { DownloadOutlined } from '@ant-design/icons';
import { Button, Segmented, Select } from 'antd';
import type { AlarmFigures } from '../../app/alarm-api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { nowMs } from '../../app/clock.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { formatTime } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useSession } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AlarmNav } from './alarm-nav.tsx';
import { useCauseName, useFloods } from './alarm-notices.tsx';
import { Days, Headline, Priorities, Standing, TimesAndHeld, Top } from './figures-parts.tsx';
import { figuresCsv } from './figures-rows.ts';

const dayMs = 86_400_000;
const renewMs = 60_000;
const lengths = ['7', '30'] as const;

/** Local days of the park, both inclusive, ending today. */
function useDays(count: number): { from: string; to: string } {
  const { timeZone } = useSession();
  const day = (timeMs: number) => formatTime(timeMs, timeZone, 'day').replaceAll('/', '-');
  return { from: day(nowMs() - (count - 1) * dayMs), to: day(nowMs()) };
}

/** What the alarms ask of the people who sit at one operator position. */
export function FiguresPage() {
  const t = useWords();
  const { values, set } = useFilters(['days', 'position'] as const);
  const days = lengths.find((each) => each === values.days) ?? '7';
  const range = useDays(Number(days));
  const query = useQuery({
    queryKey: [...keys.alarms, 'figures', range, values.position],
    queryFn: () => alarmApi.figures({ ...range, position: values.position }),
    refetchInterval: renewMs,
  });
  return (
    <Page
      title={t('figures.title')}
      beside={<AlarmNav />}
      actions={
        <Button
          icon={<DownloadOutlined />}
          disabled={query.data === undefined}
          onClick={() => {
            if (query.data === undefined) return;
            downloadCsv(`alarm-figures-${range.from}-${range.to}`, figuresCsv(query.data, t));
          }}
        >
          {t('common.download')}
        </Button>
      }
    >
      <div className="filters">
        <Segmented
          aria-label={t('alarm.period')}
          value={days}
          options={lengths.map((each) => ({ value: each, label: t(`figures.last${each}`) }))}
          onChange={(chosen) => set({ days: chosen === '7' ? null : chosen })}
        />
        <Position
          value={values.position}
          positions={query.data?.positions ?? []}
          onChange={(position) => set({ position })}
        />
        <Staff position={values.position} positions={query.data?.positions ?? []} />
        <FoldedAt figures={query.data} />
      </div>
      <Loaded query={query}>
        {(figures) =>
          figures.days.length === 0 ? (
            <Panel>
              <EmptyState title={t('figures.nothing')} hint={t('figures.nothingHint')} />
            </Panel>
          ) : (
            <>
              <p className="soft small flat">{t('figures.hint')}</p>
              <Headline figures={figures} />
              <div className="split">
                <Priorities figures={figures} />
                <TimesAndHeld figures={figures} />
              </div>
              <Top figures={figures} />
              <div className="split">
                <Standing figures={figures} />
                <Floods />
              </div>
              <Days figures={figures} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function FoldedAt({ figures }: { figures: AlarmFigures | undefined }) {
  const t = useWords();
  const parkTime = useParkTime();
  if (figures?.foldedAt === undefined || figures.foldedAt === null) return null;
  return <span className="soft small">{t('figures.foldedAt', { time: parkTime(figures.foldedAt) })}</span>;
}

/** Who staffs the chosen position. */
function Staff({ position, positions }: Pick<PositionProps, 'positions'> & { position: string }) {
  const t = useWords();
  const people = positions.find(({ id }) => id === position)?.people ?? [];
  if (people.length === 0) return null;
  return <span className="small">{t('desks.atPosition', { names: people.join(', ') })}</span>;
}

interface PositionProps {
  readonly value: string;
  readonly positions: AlarmFigures['positions'];
  readonly onChange: (position: string | null) => void;
}

export function Position({ value, positions, onChange }: PositionProps) {
  const t = useWords();
  const both = useBilingual();
  return (
    <Select
      aria-label={t('figures.position')}
      style={{ width: '12.9em' }}
      value={value}
      options={[
        { value: '', label: t('figures.allPositions') },
        ...positions.map(({ id, name, nameEn }) => ({
          value: id,
          label: both({ zh: name, en: nameEn ?? name }),
        })),
        { value: 'main', label: t('figures.mainPosition') },
      ]}
      onChange={(chosen) => onChange(chosen === '' ? null : chosen)}
    />
  );
}

const floodsShown = 8;

/** The last floods, each with what caused most of it. */
function Floods() {
  const t = useWords();
  const parkTime = useParkTime();
  const causeName = useCauseName();
  const query = useFloods();
  return (
    <Panel title={t('flood.digest')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <span className="soft">{t('flood.none')}</span>
          ) : (
            <div className="lines">
              {items.slice(0, floodsShown).map((flood) => (
                <div key={flood.id}>
                  <span className="num">{parkTime(flood.beganAt, 'minute')}</span>{' '}
                  {flood.endedAt === null ? <span className="tag alert">{t('flood.goesOn')}</span> : null}{' '}
                  <b className="num">{t('figures.counted', { count: flood.announced })}</b>{' '}
                  <span className="soft">
                    {t('flood.peak')} {flood.peak}
                  </span>
                  <div className="soft small">
                    {flood.causes
                      .slice(0, 3)
                      .map((cause) => `${causeName(cause)} ${cause.count}`)
                      .join(t('common.listSign'))}
                  </div>
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}
