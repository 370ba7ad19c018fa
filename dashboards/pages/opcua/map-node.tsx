import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Form, Input, InputNumber, Select } from 'antd';
import type { OpcuaNode } from '#schemas/opcua.ts';
import { unitNames, unitsInto, type UnitName } from '#schemas/units.ts';
import { api } from '../../app/api.ts';
import { unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useDeviceClasses } from '../../app/lookups.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { keys } from '../../app/queries.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { DeviceSelect } from './device-select.tsx';
import { samplingRules } from './server-form.ts';

interface Fields {
  readonly deviceId: string;
  readonly metric: string;
  readonly unit?: string;
  readonly scale?: number | null;
  readonly deadband?: number | null;
  readonly samplingIntervalMs?: number | null;
  /** State key -> the server's codes, as typed. */
  readonly codes?: Readonly<Record<string, string | undefined>>;
}

/** Three short fields stand beside each other, px on an ordinary screen. */
const dialogWidth = 640;

/** The server's codes to states of the class; nothing where none was typed. Pure. */
export function statesOf(codes: Fields['codes']): Record<string, string> | undefined {
  const pairs = Object.entries(codes ?? {}).flatMap(([state, typed]) =>
    (typed ?? '')
      .split(/[,，\s]+/)
      .filter((code) => code !== '')
      .map((code) => [code, state] as const),
  );
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

function toNode(nodeId: string, fields: Fields): OpcuaNode {
  const { deviceId, metric, unit, scale, deadband, samplingIntervalMs, codes } = fields;
  const states = statesOf(codes);
  return {
    nodeId,
    deviceId,
    metric,
    ...(unit === undefined ? {} : { unit }),
    ...(typeof scale === 'number' ? { scale } : {}),
    ...(typeof deadband === 'number' ? { deadband } : {}),
    ...(typeof samplingIntervalMs === 'number' ? { samplingIntervalMs } : {}),
    ...(states === undefined ? {} : { states }),
  };
}

function initialOf(node: OpcuaNode | null): Partial<Fields> {
  if (node === null) return {};
  const { nodeId: _, states, queueSize: __, ...fields } = node;
  const codes: Record<string, string> = {};
  for (const [code, state] of Object.entries(states ?? {}))
    codes[state] = codes[state] === undefined ? code : `${codes[state]}, ${code}`;
  return { ...fields, codes } as Partial<Fields>;
}

/** What is asked of the chosen device's class: its metrics, with unit and states. */
function useMetricsOf(deviceId: string | undefined) {
  const classes = useDeviceClasses().data?.items ?? [];
  const device = useQuery({
    queryKey: [...keys.devices, deviceId],
    queryFn: () => api.device(deviceId ?? ''),
    enabled: deviceId !== undefined,
  });
  return classes.find(({ id }) => id === device.data?.class)?.metrics ?? {};
}

function PointFields() {
  const t = useWords();
  const both = useBilingual();
  const deviceId = Form.useWatch<string | undefined>('deviceId');
  const metric = Form.useWatch<string | undefined>('metric');
  const metrics = useMetricsOf(deviceId);
  const chosen = metric === undefined ? undefined : metrics[metric];
  const required = [{ required: true, message: t('common.required') }];
  const states = chosen?.states ?? [];
  return (
    <>
      <Form.Item name="deviceId" label={t('opcua.device')} rules={required}>
        <DeviceSelect />
      </Form.Item>
      <Form.Item name="metric" label={t('opcua.metric')} rules={required}>
        <Select
          showSearch
          optionFilterProp="label"
          options={Object.entries(metrics).map(([key, { name, unit }]) => ({
            value: key,
            label: `${both(name)} (${key}${unit === '' ? '' : `, ${unitSign(unit)}`})`,
          }))}
        />
      </Form.Item>
      {states.length > 0 ? (
        <Form.Item label={t('opcua.states')} extra={t('opcua.stateHint')}>
          {states.map(({ key, name }) => (
            <Form.Item key={key} name={['codes', key]} noStyle>
              <Input prefix={<span className="soft">{both(name)}</span>} className="mono" maxLength={100} />
            </Form.Item>
          ))}
        </Form.Item>
      ) : (
        <Form.Item
          name="unit"
          label={t('opcua.unit')}
          extra={
            chosen === undefined || chosen.unit === ''
              ? ''
              : t('opcua.unitHint', { unit: unitSign(chosen.unit) })
          }
        >
          <Select
            showSearch
            allowClear
            options={(chosen === undefined || chosen.unit === ''
              ? unitNames
              : unitsInto(chosen.unit as UnitName)
            ).map((unit) => ({ value: unit, label: unitSign(unit) || '1' }))}
          />
        </Form.Item>
      )}
    </>
  );
}

interface MapNodeProps {
  readonly serverId: string;
  readonly nodeId: string;
  readonly name: string;
  /** As it is mapped already. */
  readonly known: OpcuaNode | null;
  readonly onClose: () => void;
}

/** One node of the server becomes one point of a device. */
export function MapNode({ serverId, nodeId, name, known, onClose }: MapNodeProps) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const number = { style: { width: '100%' } };
  return (
    <FormModal<Fields>
      title={`${t('opcua.mapVariable')}: ${name}`}
      width={dialogWidth}
      action={t('common.save')}
      initial={initialOf(known)}
      onClose={onClose}
      onSubmit={async (fields) => {
        const node = toNode(nodeId, fields);
        await opcuaApi.map(serverId, [
          known?.queueSize === undefined ? node : { ...node, queueSize: known.queueSize },
        ]);
        notify.done(t('opcua.mapDone', { point: `${node.deviceId}.${node.metric}` }));
        await Promise.all(
          [opcuaKeys.nodes, opcuaKeys.servers].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
      }}
    >
      <p className="mono small">{nodeId}</p>
      <PointFields />
      <div className="row top">
        <Form.Item className="grow" name="scale" label={t('opcua.scale')}>
          <InputNumber {...number} placeholder="1" />
        </Form.Item>
        <Form.Item
          className="grow"
          name="deadband"
          label={t('opcua.deadband')}
          extra={t('opcua.deadbandHint')}
        >
          <InputNumber {...number} min={0} />
        </Form.Item>
        <Form.Item
          className="grow"
          name="samplingIntervalMs"
          label={t('opcua.nodeSampling')}
          rules={samplingRules(t)}
        >
          <InputNumber {...number} min={0} placeholder={t('opcua.byServer')} />
        </Form.Item>
      </div>
    </FormModal>
  );
}
