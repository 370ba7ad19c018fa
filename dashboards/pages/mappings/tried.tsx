import { Alert, Table } from 'antd';
import type { Tried as Result, TryMappingAnswer } from '#schemas/api/mappings.ts';
import { unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useSaid } from '../../app/said.ts';
import { useParkTime } from '../../app/session.ts';

type Sample = Result['samples'][number];

function Samples({ samples }: { samples: readonly Sample[] }) {
  const t = useWords();
  const parkTime = useParkTime();
  return (
    <Table<Sample>
      size="small"
      rowKey={(row) => `${row.metric} ${row.time}`}
      pagination={false}
      dataSource={[...samples]}
      columns={[
        {
          title: t('mappings.metric'),
          key: 'metric',
          render: (_, row) => <span className="mono">{row.metric}</span>,
        },
        {
          title: t('mappings.value'),
          key: 'value',
          align: 'right',
          render: (_, row) => (
            <span className="num">
              {String(row.value)} {row.unit === null ? '' : unitSign(row.unit)}
            </span>
          ),
        },
        { title: t('mappings.quality'), key: 'quality', render: (_, row) => t(`quality.${row.quality}`) },
        {
          title: t('mappings.time'),
          key: 'time',
          render: (_, row) => (
            <>
              <span className="num">{parkTime(row.time)}</span>{' '}
              {row.untimed ? <span className="soft small">{t('mappings.untimed')}</span> : null}
            </>
          ),
        },
      ]}
    />
  );
}

function OneResult({ result }: { result: Result }) {
  const t = useWords();
  const parkTime = useParkTime();
  const told = useSaid();
  const { mappingId, deviceId, refused, samples, events, rejected, status } = result;
  if (mappingId === null) return <Alert type="warning" showIcon title={t('mappings.noMatch')} />;
  return (
    <div className="stack">
      <strong className="mono">
        {t('mappings.message', { device: deviceId ?? '—', mapping: mappingId })}
      </strong>
      {refused === null ? null : (
        <Alert
          type="error"
          showIcon
          title={`${t('mappings.refusedWhole')}: ${t(`rejection.${refused.reason}`)}`}
          description={told(refused.said, refused.detail)}
        />
      )}
      {samples.length === 0 ? null : <Samples samples={samples} />}
      {events.map((event) => (
        <div key={`${event.type} ${event.time}`} className="row wrap">
          <span className="tag">{t('mappings.event')}</span>
          <span className="mono">{event.type}</span>
          <span className="num small">{parkTime(event.time)}</span>
          <span className="mono small">{JSON.stringify(event.data)}</span>
        </div>
      ))}
      {rejected.map(({ metric, reason, detail, said }) => (
        <div key={`${metric} ${reason} ${detail}`} className="row wrap">
          <span className="tag strong">{t('mappings.rejected')}</span>
          <span className="mono">{metric}</span>
          <span>{t(`rejection.${reason}`)}</span>
          <span className="soft small">{told(said, detail)}</span>
        </div>
      ))}
      {status === null ? null : (
        <div className="row">
          <span className="tag">{t('mappings.statusOf')}</span>
          {t(`status.${status}`)}
        </div>
      )}
    </div>
  );
}

/** Line by line what a message became, or what is wrong with the mapping and where. */
export function Tried({ answer }: { answer: TryMappingAnswer }) {
  const t = useWords();
  if (answer.faults.length > 0) {
    return (
      <div className="stack">
        <Alert type="error" showIcon title={t('mappings.faults', { count: answer.faults.length })} />
        {answer.faults.map(({ line, path, message }) => (
          <div key={`${line} ${path} ${message}`} className="row wrap">
            <span className="num">{t('mappings.line', { line })}</span>
            <span className="mono small">{path}</span>
            <span>{message}</span>
          </div>
        ))}
      </div>
    );
  }
  return (
    <div className="stack">
      {answer.results.map((result, index) => (
        <OneResult key={`${result.mappingId} ${result.deviceId} ${index}`} result={result} />
      ))}
    </div>
  );
}
