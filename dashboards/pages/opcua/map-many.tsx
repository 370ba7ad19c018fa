import { useEffect, useState } from 'react';
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useDeviceClasses } from '../../app/lookups.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { useScale } from '../../app/theme.ts';
import { useNotify } from '../../components/notify.ts';
import { Refusal } from '../../components/refusal.tsx';
import { EmptyState } from '../../components/states.tsx';
import { DeviceSelect } from './device-select.tsx';
import type { Start } from './gather.ts';
import { prepareRows, type Progress } from './prepare.ts';
import { doublePoints, nodesOf, pointOf, withDevice, type MetricsOf, type Row } from './rows.ts';
import { RowTable } from './row-table.tsx';

const widthPx = 1_180;
const mappedMost = 1_000;

interface MapManyProps {
  readonly serverId: string;
  readonly starts: readonly Start[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Reads what is below the chosen nodes, once; what was found until somebody stops it is kept. */
function useGathered({ serverId, starts }: Pick<MapManyProps, 'serverId' | 'starts'>, metricsOf: MetricsOf) {
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [isCut, setCut] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [progress, setProgress] = useState<Progress>({ variables: 0, objects: 0 });
  const [enough, setEnough] = useState<AbortController>(() => new AbortController());
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isGone = false;
    const stop = new AbortController();
    setEnough(stop);
    prepareRows({ serverId, starts, metricsOf, signal: stop.signal, onProgress: setProgress })
      .then((found) => {
        if (isGone) return;
        setRows(found.rows);
        setCut(found.isCut);
      })
      .catch((failure: unknown) => {
        if (!isGone) setError(failure instanceof Error ? failure : new Error(String(failure)));
      });
    return () => {
      isGone = true;
      stop.abort();
    };
    // The choice of a dialog that is open does not change.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [attempt]);
  const retry = () => {
    setError(null);
    setAttempt((count) => count + 1);
  };
  return { rows, setRows, isCut, error, progress, stop: () => enough.abort(), retry };
}

/** From which node the points of these devices are read already. */
function useMapped(serverId: string, rows: readonly Row[]): ReadonlyMap<string, string> {
  const deviceIds = [...new Set(rows.flatMap(({ device }) => device?.id ?? []))].toSorted();
  const answers = useQueries({
    queries: deviceIds.map((deviceId) => ({
      queryKey: [...opcuaKeys.nodes, serverId, 'of', deviceId],
      queryFn: () => opcuaApi.nodes(serverId, { search: deviceId, limit: mappedMost }),
    })),
  });
  return new Map(
    answers.flatMap(({ data }) =>
      (data?.items ?? []).map(({ deviceId, metric, nodeId }) => [`${deviceId}.${metric}`, nodeId] as const),
    ),
  );
}

/** Many nodes of the server become points of one or several devices: guessed, looked at, applied. */
export function MapMany(props: MapManyProps) {
  const classes = useDeviceClasses().data?.items;
  if (classes === undefined) return null;
  const metricsOf: MetricsOf = (id) => classes.find((one) => one.id === id)?.metrics ?? {};
  return <Dialog {...props} metricsOf={metricsOf} />;
}

function Dialog({ serverId, starts, onClose, onDone, metricsOf }: MapManyProps & { metricsOf: MetricsOf }) {
  const t = useWords();
  const scale = useScale();
  const client = useQueryClient();
  const notify = useNotify();
  const { rows, setRows, isCut, error, progress, stop, retry } = useGathered({ serverId, starts }, metricsOf);
  const shown = rows ?? [];
  const mapped = useMapped(serverId, shown);
  const double = doublePoints(shown);
  const nodes = nodesOf(shown);
  const replaced = nodes.filter(({ deviceId, metric, nodeId }) => {
    const known = mapped.get(`${deviceId}.${metric}`);
    return known !== undefined && known !== nodeId;
  }).length;
  const apply = useMutation({
    mutationFn: () => opcuaApi.map(serverId, nodes),
    onSuccess: async () => {
      notify.done(t('opcua.many.done', { count: nodes.length }));
      onDone();
      await Promise.all(
        [opcuaKeys.nodes, opcuaKeys.servers].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
    },
  });
  const moveAll = async (deviceId: string | undefined) => {
    if (deviceId === undefined) return;
    try {
      const { id, class: deviceClass } = await api.device(deviceId);
      setRows((now) => withDevice(now ?? [], { device: { id, class: deviceClass } }, metricsOf));
    } catch (failure) {
      notify.failed(failure);
    }
  };
  return (
    <Modal
      open
      width={widthPx * scale}
      title={t('opcua.many.title')}
      okText={t('opcua.many.apply', { count: nodes.length })}
      okButtonProps={{ disabled: nodes.length === 0 || double.size > 0 }}
      cancelText={t('common.cancel')}
      confirmLoading={apply.isPending}
      onCancel={onClose}
      onOk={() => apply.mutate()}
    >
      {error === null ? null : (
        <div className="row">
          <Refusal error={error} />
          <Button size="small" onClick={retry}>
            {t('common.retry')}
          </Button>
        </div>
      )}
      {rows === null && error === null ? (
        <div className="row" role="status">
          <span>{t('opcua.many.reading', { ...progress })}</span>
          <Button size="small" onClick={stop}>
            {t('opcua.many.enough')}
          </Button>
        </div>
      ) : null}
      {rows === null ? null : rows.length === 0 ? (
        <EmptyState title={t('opcua.many.none')} hint={t('opcua.many.noneHint')} />
      ) : (
        <div className="stack">
          <div className="row wrap">
            <label htmlFor="many-device">{t('opcua.many.device')}</label>
            <div className="grow">
              <DeviceSelect id="many-device" onChange={(deviceId) => void moveAll(deviceId)} />
            </div>
          </div>
          <p className="soft small" role="status">
            {t('opcua.many.summary', { all: rows.length, chosen: nodes.length })}
            {replaced === 0 ? '' : ` ${t('opcua.many.replaces', { count: replaced })}`}
            {isCut ? ` ${t('opcua.many.cut')}` : ''}
            {double.size === 0 ? '' : ` ${t('opcua.many.double', { points: [...double].join(', ') })}`}
          </p>
          <RowTable
            rows={rows}
            metricsOf={metricsOf}
            noteOf={(row) => {
              const point = pointOf(row);
              if (point !== null && row.isChosen && double.has(point)) return t('opcua.many.isDouble');
              const known = point === null ? undefined : mapped.get(point);
              if (known === undefined) return '';
              return known === row.candidate.nodeId ? t('opcua.many.isMapped') : t('opcua.many.isOther');
            }}
            onChange={setRows}
          />
        </div>
      )}
      <Refusal error={apply.error} />
    </Modal>
  );
}
