import { Table } from 'antd';
import type { PointDetail, Sample } from '#schemas/api/points.ts';
import { formatNumber, formatSpan, stateOf, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { pointsApi } from '../../app/points-api.ts';
import { useParkTime } from '../../app/session.ts';
import { ProvenanceMark } from '../../components/marks.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

const renewMs = 30_000;
const atOnce = 50;

/** A value of the point as people read it. */
function useValueText(point: PointDetail): (value: number) => string {
  const both = useBilingual();
  return (value) => {
    const state = stateOf(point, value);
    return state === undefined ? formatNumber(value, point.decimals) : both(state.name);
  };
}

function Remarks({ point, sample }: { point: PointDetail; sample: Sample }) {
  const t = useWords();
  const parkTime = useParkTime();
  const valueText = useValueText(point);
  const { gapS, late, corrections, provenance } = sample;
  return (
    <div className="small soft row wrap">
      {provenance === 'field' ? null : <ProvenanceMark provenance={provenance} />}
      {late ? <span>{t('pointPage.late')}</span> : null}
      {corrections.map(({ at, value }) => (
        <span key={`${at} ${value}`}>
          {t('pointPage.corrected', { time: parkTime(at, 'minute'), value: valueText(value) })}
        </span>
      ))}
      {gapS === null ? null : <span>{t('pointPage.gap', { span: formatSpan(t, gapS * 1_000) })}</span>}
    </div>
  );
}

/** Raw readings one by one, newest first: quality, where they came from, what was corrected, what is missing. */
export function PointSamples({ point }: { point: PointDetail }) {
  const t = useWords();
  const parkTime = useParkTime();
  const valueText = useValueText(point);
  const list = usePages<Sample>({
    queryKey: ['points', 'samples', point.key],
    load: (query, signal) => pointsApi.samples(point.key, query, signal),
    query: {},
    limit: atOnce,
    refetchIntervalMs: renewMs,
  });
  const unit = unitSign(point.unit);
  return (
    <Panel title={t('pointPage.samples')}>
      <Loaded query={list}>
        {(samples) =>
          samples.length === 0 ? (
            <EmptyState title={t('pointPage.noSamples')} hint={t('pointPage.noSamplesHint')} />
          ) : (
            <>
              <p className="soft small">{t('pointPage.samplesHint')}</p>
              <Table<Sample>
                size="small"
                rowKey="time"
                pagination={false}
                dataSource={[...samples]}
                columns={[
                  {
                    title: t('common.time'),
                    key: 'time',
                    render: (_, { time }) => <span className="num small">{parkTime(time)}</span>,
                  },
                  {
                    title: unit === '' ? t('device.value') : `${t('device.value')} (${unit})`,
                    key: 'value',
                    align: 'right',
                    render: (_, { value, quality }) => (
                      <span className={`num value ${quality}`}>{valueText(value)}</span>
                    ),
                  },
                  {
                    title: t('quality.title'),
                    key: 'quality',
                    render: (_, { quality }) => (
                      <span className={quality === 'good' ? 'small soft' : 'small'}>
                        {t(`quality.${quality}`)}
                      </span>
                    ),
                  },
                  {
                    title: t('pointPage.remarks'),
                    key: 'remarks',
                    render: (_, sample) => <Remarks point={point} sample={sample} />,
                  },
                ]}
              />
            </>
          )
        }
      </Loaded>
      <MoreRows list={list} />
    </Panel>
  );
}
