import { useMemo } from 'react';
import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Dropdown, Segmented, Select } from 'antd';
import type { Resolution } from '../../app/api.ts';
import { api, exportUrl } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { pointsApi } from '../../app/points-api.ts';
import { usePreferences } from '../../app/preferences.ts';
import { useNotify } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { PeriodPicker } from '../../components/period-picker.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { HistoryChart } from './history-chart.tsx';
import { HistoryTable } from './history-table.tsx';
import type { HistoryChoice, SpanKey } from './history-query.ts';
import { historyNames, isSpan, shapeValues, spans, toChoice } from './history-query.ts';
import type { ChosenPoint } from './point-picker.tsx';
import { PointPicker } from './point-picker.tsx';

/** A period that ends now moves on this often. */
const renewMs = 60_000;

type FilterSet = ReturnType<typeof useFilters<(typeof historyNames)[number]>>;

/** The points of the address with what is known of them, also of devices that are gone; one that never was is left out. */
function useChosen(pointKeys: readonly string[]): readonly ChosenPoint[] {
  const found = useQueries({
    queries: pointKeys.map((key) => ({
      queryKey: ['points', 'one', key],
      queryFn: () => pointsApi.point(key),
    })),
  });
  return found.flatMap(({ data }) => (data === undefined ? [] : [{ point: data, device: data.device }]));
}

function Controls({ filters, choice }: { filters: FilterSet; choice: HistoryChoice }) {
  const t = useWords();
  const { values, set } = filters;
  const isFixed = Date.parse(values.from) < Date.parse(values.to);
  const resolutions: readonly ('auto' | Resolution)[] = ['auto', 'raw', '1m', '15m', '1h', '1d'];
  return (
    <div className="filters">
      <Segmented<SpanKey | ''>
        aria-label={t('device.range')}
        value={isFixed ? '' : isSpan(values.range) ? values.range : '24h'}
        options={Object.keys(spans).filter(isSpan)}
        onChange={(range) => set({ range, from: null, to: null })}
      />
      <PeriodPicker
        from={values.from}
        to={values.to}
        onChange={(period) => set({ ...period, range: null })}
      />
      <Select<'auto' | Resolution>
        aria-label={t('history.resolution')}
        style={{ width: '9.3em' }}
        value={choice.resolution}
        onChange={(resolution) => set({ resolution: resolution === 'auto' ? null : resolution })}
        options={resolutions.map((value) => ({
          value,
          label: value === 'auto' ? t('history.auto') : value === 'raw' ? t('device.resolutionRaw') : value,
        }))}
      />
      <Select
        aria-label={t('history.fill')}
        style={{ width: '10.7em' }}
        value={choice.fill ?? ''}
        disabled={choice.shape || choice.resolution === 'raw'}
        onChange={(fill) => set({ fill })}
        options={[
          { value: '', label: `${t('history.fill')}: ${t('history.fillNone')}` },
          { value: 'previous', label: t('history.fillPrevious') },
          { value: 'linear', label: t('history.fillLinear') },
        ]}
      />
      <Checkbox
        checked={choice.shape}
        disabled={choice.resolution !== 'auto' && choice.resolution !== 'raw'}
        title={t('history.shapeHint')}
        onChange={({ target }) => set({ shape: target.checked ? '1' : null })}
      >
        {t('history.shape')}
      </Checkbox>
      <Checkbox
        checked={choice.compare}
        onChange={({ target }) => set({ compare: target.checked ? '1' : null })}
      >
        {t('history.compare')}
      </Checkbox>
      <Segmented<HistoryChoice['view']>
        aria-label={t('history.view')}
        value={choice.view}
        options={[
          { value: 'chart', label: t('history.chart') },
          { value: 'table', label: t('history.table') },
        ]}
        onChange={(view) => set({ view: view === 'chart' ? null : view })}
      />
    </div>
  );
}

function ExportButton({ choice, resolution }: { choice: HistoryChoice; resolution: Resolution | undefined }) {
  const t = useWords();
  const notify = useNotify();
  const language = usePreferences((preferences) => preferences.language) === 'en' ? 'en' : 'zh';
  const { points, fromMs, toMs } = choice;
  const save = (format: 'csv' | 'arrow', bom: boolean) => {
    // Minutes are made when they are asked for; what they are made of is exported.
    const exported = resolution === '1m' || resolution === undefined ? 'raw' : resolution;
    const link = document.createElement('a');
    link.href = exportUrl({ points, fromMs, toMs, resolution: exported, format, language, bom });
    link.download = '';
    link.click();
    notify.done(t('history.exporting'));
  };
  return (
    <Dropdown
      disabled={points.length === 0}
      menu={{
        items: [
          { key: 'csv', label: t('history.exportCsv'), onClick: () => save('csv', false) },
          { key: 'excel', label: t('history.exportExcel'), onClick: () => save('csv', true) },
          { key: 'arrow', label: t('history.exportArrow'), onClick: () => save('arrow', false) },
        ],
      }}
    >
      <Button icon={<DownloadOutlined />} title={t('history.exportHint')}>
        {t('history.exportCsv')}
      </Button>
    </Dropdown>
  );
}

function useReadings(choice: HistoryChoice, chosen: readonly ChosenPoint[], earlierMs: number) {
  const { resolution, shape, fromMs, toMs } = choice;
  const hasState = chosen.some(({ point }) => point.kind === 'state');
  // Nothing lies between two states.
  const fill = choice.fill === 'linear' && hasState ? 'previous' : choice.fill;
  const request = {
    points: choice.points,
    fromMs: fromMs - earlierMs,
    toMs: toMs - earlierMs,
    resolution,
    lttb: shape ? shapeValues : undefined,
    fill,
  };
  return useQuery({
    queryKey: ['readings', 'history', request],
    queryFn: () => api.readings(request),
    enabled: choice.points.length > 0 && (earlierMs === 0 || choice.compare),
    placeholderData: keepPreviousData,
  });
}

/** Readings of any period: points side by side, at the right resolution, with what is missing; to look at and to take along. */
export function HistoryPage() {
  const t = useWords();
  const filters = useFilters(historyNames);
  const present = useNow(renewMs);
  // A minute's beat, so that the same address asks the same question for a while.
  const presentMs = Math.floor(present / renewMs) * renewMs;
  const choice = useMemo(() => toChoice(filters.values, presentMs), [filters.values, presentMs]);
  const chosen = useChosen(choice.points);
  const query = useReadings(choice, chosen, 0);
  const before = useReadings(choice, chosen, choice.toMs - choice.fromMs);
  const zoom = (fromMs: number, toMs: number) =>
    filters.set({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), range: null });
  return (
    <Page
      title={t('history.title')}
      actions={<ExportButton choice={choice} resolution={query.data?.resolution} />}
    >
      <div className="stack">
        <PointPicker
          keys={choice.points}
          chosen={chosen}
          onChange={(pointKeys) => filters.set({ points: pointKeys.join(',') })}
        />
        <Controls filters={filters} choice={choice} />
        {choice.points.length === 0 ? (
          <EmptyState title={t('history.none')} hint={t('history.noneHint')} />
        ) : (
          <Loaded query={query.error === null ? query : { ...query, data: undefined }}>
            {(data) => {
              const rows = chosen.flatMap((each) => {
                const series = data.series.find(({ point }) => point === each.point.key);
                return series === undefined ? [] : [{ ...each, series }];
              });
              if (choice.view === 'table') return <HistoryTable rows={rows} />;
              return rows.map((row) => (
                <HistoryChart
                  key={row.point.key}
                  {...row}
                  before={
                    choice.compare
                      ? before.data?.series.find(({ point }) => point === row.point.key)
                      : undefined
                  }
                  resolution={data.resolution}
                  pending={data.pending === true}
                  fromMs={choice.fromMs}
                  toMs={choice.toMs}
                  onZoom={zoom}
                />
              ));
            }}
          </Loaded>
        )}
      </div>
    </Page>
  );
}
