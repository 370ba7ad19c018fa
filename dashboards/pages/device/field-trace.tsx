import { useQuery } from '@tanstack/react-query';
import { Table, Tooltip } from 'antd';
import type { FieldTrace as Trace } from '#schemas/api/ingest.ts';
import type { Rejection } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useSaid } from '../../app/said.ts';
import { useParkTime } from '../../app/session.ts';
import { useScale } from '../../app/theme.ts';
import { Panel } from '../../components/page.tsx';
import { RejectionReason } from '../../components/rejection-reason.tsx';
import { scaledColumns } from '../../components/scaled-columns.ts';
import { EmptyState, Loaded } from '../../components/states.tsx';

const renewMs = 3_000;
const lastRejections = 5;

type Packet = NonNullable<Trace['packets']>[number];

function PacketTable({ packets }: { packets: readonly Packet[] }) {
  const t = useWords();
  const parkTime = useParkTime();
  const scale = useScale();
  const said = useSaid();
  return (
    <Table<Packet>
      size="small"
      rowKey={(row) => `${row.at} ${row.address} ${row.payload}`}
      pagination={false}
      scroll={{ y: 360 * scale }}
      dataSource={[...packets]}
      columns={scaledColumns<Packet>(
        [
          {
            title: t('trace.time'),
            key: 'at',
            width: 170,
            render: (_, row) => <span className="num">{parkTime(row.at)}</span>,
          },
          {
            title: t('trace.kind'),
            key: 'kind',
            width: 120,
            render: (_, row) => (
              <>
                <div>{t(`trace.${row.kind}`)}</div>
                {row.refused === null ? null : (
                  <Tooltip title={said(row.refused.said, row.refused.detail)}>
                    <span>
                      <RejectionReason reason={row.refused.reason} />
                    </span>
                  </Tooltip>
                )}
              </>
            ),
          },
          {
            title: t('trace.values'),
            key: 'values',
            width: 70,
            align: 'right',
            render: (_, row) => (
              <span className="num">
                {row.values}
                {row.rejected === 0 ? '' : ` −${row.rejected}`}
              </span>
            ),
          },
          {
            title: t('trace.size'),
            key: 'size',
            width: 70,
            align: 'right',
            render: (_, row) => <span className="num">{formatCount(row.size)}</span>,
          },
          {
            title: t('trace.payload'),
            key: 'payload',
            render: (_, row) => (
              <>
                <div className="mono soft small cut">{row.address}</div>
                <div className="mono small" style={{ wordBreak: 'break-all' }}>
                  {row.payload}
                </div>
              </>
            ),
          },
        ],
        scale,
      )}
    />
  );
}

function LastRejections({ deviceId }: { deviceId: string }) {
  const t = useWords();
  const parkTime = useParkTime();
  const told = useSaid();
  const query = useQuery({
    queryKey: [...keys.rejections, 'device', deviceId],
    queryFn: () => api.rejections({ device: deviceId, limit: lastRejections }),
    refetchInterval: renewMs,
  });
  const line = ({ id, at, reason, detail, said, metrics }: Rejection) => (
    <div key={id} className="row">
      <span className="soft small num">{parkTime(at)}</span>
      <div>
        <RejectionReason reason={reason} />
      </div>
      <span className="grow cut" title={told(said, detail)}>
        {metrics.join(', ')} {told(said, detail)}
      </span>
    </div>
  );
  return (
    <Panel title={t('trace.lastRejections')}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('trace.noRejections')} />
          ) : (
            <div className="lines">{items.map(line)}</div>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** What a device really sends, why it was refused, and what is missing of its numbering. */
export function FieldTrace({ deviceId }: { deviceId: string }) {
  const t = useWords();
  const query = useQuery({
    queryKey: [...fieldKeys.trace, deviceId],
    queryFn: () => fieldApi.trace(deviceId),
    refetchInterval: renewMs,
  });
  return (
    <>
      <LastRejections deviceId={deviceId} />
      <Panel
        title={
          <>
            {t('trace.title')} <span className="soft small">{t('trace.hint')}</span>
          </>
        }
      >
        <Loaded query={query}>
          {({ packets, sequences }) => (
            <>
              {sequences.map((one) => (
                <p key={one.source} className="soft small num">
                  {t('trace.sequence', one)}
                </p>
              ))}
              {packets === null ? (
                <EmptyState title={t('trace.elsewhere')} />
              ) : packets.length === 0 ? (
                <EmptyState title={t('trace.none')} hint={t('trace.noneHint')} />
              ) : (
                <PacketTable packets={packets} />
              )}
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}
