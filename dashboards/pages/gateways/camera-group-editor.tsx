import { useEffect, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, Input, InputNumber, Select } from 'antd';
import type { CctvGroup } from '#schemas/api/cctv.ts';
import { idPattern } from '#schemas/ids.ts';
import { ApiProblem } from '../../app/client.ts';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNumberRule } from '../../components/number-rule.ts';
import { useNotify } from '../../components/notify.ts';
import {
  placeFaults,
  textFault,
  toDefinition,
  toFields,
  type FieldFault,
  type GroupFields,
} from './camera-form.ts';
import { TestGroup } from './camera-group-test.tsx';

const width = 900;
const requestRows = 14;
const recordingRows = 9;
const manyRows = 18;

type TimingField = 'intervalS' | 'slowIntervalS' | 'timeoutMs' | 'concurrency';
type CameraText = 'deviceId' | 'onvif' | 'rtsp' | 'recorder' | 'recording';

function Timing() {
  const t = useWords();
  const numberRule = useNumberRule();
  const number = (name: TimingField, [min, max]: readonly [number, number], placeholder: number) => (
    <Form.Item
      className="grow"
      name={name}
      label={t(`cameras.fields.${name}`)}
      rules={[numberRule({ min, max })]}
    >
      <InputNumber placeholder={String(placeholder)} style={{ width: '100%' }} />
    </Form.Item>
  );
  return (
    <div className="row top">
      {number('intervalS', [5, 3_600], 60)}
      {number('slowIntervalS', [5, 86_400], 300)}
      {number('timeoutMs', [100, 60_000], 5_000)}
      {number('concurrency', [1, 256], 32)}
    </div>
  );
}

/** User and password of the group, or of one camera; a password that is kept is never shown. */
function Login({ prefix = [], kept }: { prefix?: readonly (string | number)[]; kept: boolean }) {
  const t = useWords();
  return (
    <div className="row top">
      <Form.Item className="grow" name={[...prefix, 'username']} label={t('opcua.username')}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item className="grow" name={[...prefix, 'password']} label={t('opcua.password')}>
        <Input.Password
          autoComplete="new-password"
          maxLength={1_024}
          {...(kept ? { placeholder: t('opcua.kept') } : {})}
        />
      </Form.Item>
    </div>
  );
}

function Camera({ index, onRemove, kept }: { index: number; onRemove: () => void; kept: boolean }) {
  const t = useWords();
  const [isOpen, open] = useState(false);
  const text = (name: CameraText, placeholder: string) => (
    <Form.Item className="grow" name={[index, name]} label={t(`cameras.fields.${name}`)}>
      <Input className="mono" placeholder={placeholder} maxLength={512} />
    </Form.Item>
  );
  return (
    <div className="camera-row">
      <div className="row top">
        {text('deviceId', 'cam-gate-1')}
        {text('onvif', 'http://10.0.0.11/onvif/device_service')}
        {text('rtsp', 'rtsp://10.0.0.11:554/stream1')}
      </div>
      {isOpen ? (
        <>
          <div className="row top">
            <Form.Item className="grow" name={[index, 'class']} label={t('cameras.fields.class')}>
              <Select
                allowClear
                placeholder={t('cameras.classes.camera')}
                options={(['camera', 'recorder'] as const).map((value) => ({
                  value,
                  label: t(`cameras.classes.${value}`),
                }))}
              />
            </Form.Item>
            {text('recorder', 'http://10.0.0.5/onvif/device_service')}
            {text('recording', 'Channel-7')}
          </div>
          <Login prefix={[index]} kept={kept} />
        </>
      ) : null}
      <div className="row">
        <Button size="small" onClick={() => open(!isOpen)}>
          {t(isOpen ? 'cameras.less' : 'cameras.more')}
        </Button>
        <Button size="small" danger onClick={onRemove}>
          {t('cameras.removeCamera')}
        </Button>
      </div>
    </div>
  );
}

function CameraList({ group }: { group: CctvGroup | null }) {
  const t = useWords();
  const form = Form.useFormInstance<GroupFields>();
  if (form.getFieldValue('camerasText') !== undefined)
    return <YamlField name="camerasText" form="list" rows={manyRows} />;
  return (
    <Form.List name="cameras">
      {(fields, { add, remove }) => (
        <div className="stack">
          <strong>{t('cameras.list')}</strong>
          {fields.map(({ key, name }) => {
            const id = form.getFieldValue(['cameras', name, 'deviceId']) as string | undefined;
            const kept = group?.secretsSet.includes(`cameras/${id ?? ''}`) ?? false;
            return <Camera key={key} index={name} kept={kept} onRemove={() => remove(name)} />;
          })}
          <div>
            <Button onClick={() => add({})}>{t('cameras.addCamera')}</Button>
          </div>
        </div>
      )}
    </Form.List>
  );
}

interface YamlProps {
  readonly name: 'camerasText' | 'requests' | 'recordings';
  readonly form: 'list' | 'map';
  readonly rows: number;
  readonly optional?: boolean;
}

/** A part of the group as it would stand in the configuration file; what is no YAML is told with its line. */
function YamlField({ name, form, rows, optional = false }: YamlProps) {
  const t = useWords();
  return (
    <Form.Item
      name={name}
      label={t(`cameras.fields.${name}`)}
      extra={t(`cameras.hints.${name}`)}
      rules={[
        {
          validator: (_, text: string | undefined) => {
            if (optional && (text ?? '').trim() === '') return Promise.resolve();
            const fault = textFault(text ?? '', form);
            if (fault === null) return Promise.resolve();
            const message = fault.message === form ? t(`cameras.not.${form}`) : fault.message;
            return Promise.reject(new Error(t('cameras.line', { line: fault.line, message })));
          },
        },
      ]}
    >
      <Input.TextArea className="mono" rows={rows} spellCheck={false} wrap="off" />
    </Form.Item>
  );
}

function Platform({ group }: { group: CctvGroup | null }) {
  const t = useWords();
  const has = Form.useWatch<boolean | undefined>('hasPlatform');
  const text = (name: 'url' | 'platformDevice' | 'header', placeholder: string) => (
    <Form.Item
      className="grow"
      name={name}
      label={t(`cameras.fields.${name}`)}
      rules={name === 'url' ? [{ required: true, message: t('common.required') }] : []}
    >
      <Input className="mono" placeholder={placeholder} maxLength={512} />
    </Form.Item>
  );
  return (
    <>
      <Form.Item name="hasPlatform" valuePropName="checked">
        <Checkbox>{t('cameras.hasPlatform')}</Checkbox>
      </Form.Item>
      {has !== true ? null : (
        <>
          <div className="row top">
            {text('url', 'https://vms.park.example')}
            {text('platformDevice', 'vms-1')}
          </div>
          <div className="row top">
            {text('header', 'api-key')}
            <Form.Item className="grow" name="token" label={t('cameras.fields.token')}>
              <Input.Password
                autoComplete="new-password"
                maxLength={1_024}
                {...(group?.secretsSet.includes('token') ? { placeholder: t('opcua.kept') } : {})}
              />
            </Form.Item>
          </div>
          <YamlField name="requests" form="list" rows={requestRows} />
          <YamlField name="recordings" form="map" rows={recordingRows} optional />
        </>
      )}
    </>
  );
}

/** What the server found wrong, at the fields, and as a list for those that are out of sight. */
function Faults({ faults }: { faults: readonly FieldFault[] }) {
  const t = useWords();
  const form = Form.useFormInstance<GroupFields>();
  useEffect(() => {
    const texts = faults.map(({ name, line, message }) => ({
      name,
      message: line === null ? message : t('cameras.line', { line, message }),
    }));
    const byName = Map.groupBy(texts, ({ name }) => JSON.stringify(name));
    for (const some of byName.values()) {
      const name = some[0]?.name;
      if (name === null || name === undefined) continue;
      form.setFields([{ name: [...name] as never, errors: some.map(({ message }) => message) }]);
    }
  }, [faults, form, t]);
  if (faults.length === 0) return null;
  const where = ({ name, line }: FieldFault) =>
    [name?.join('.') ?? '', line === null ? '' : t('cameras.atLine', { line })].filter(Boolean).join(' ');
  return (
    <Alert
      type="error"
      showIcon
      title={t('cameras.faults')}
      description={
        <ul className="plain">
          {faults.map((fault, index) => (
            <li key={index}>
              <span className="mono">{where(fault)}</span> {fault.message}
            </li>
          ))}
        </ul>
      }
    />
  );
}

/** A group, new or as it is saved, tried before it is saved. @param group null: a new one */
export function CameraGroupEditor({ group, onClose }: { group: CctvGroup | null; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  /** Keeps what the server says of single fields; the rest is the dialog's. */
  const placed = async <T,>(fields: GroupFields, ask: () => Promise<T>): Promise<T> => {
    setFaults([]);
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ApiProblem) setFaults(placeFaults(error.errors, fields));
      throw error;
    }
  };
  return (
    <FormModal<GroupFields>
      title={group === null ? t('cameras.addGroup') : t('cameras.editGroup', { id: group.id })}
      action={t('common.save')}
      width={width}
      initial={toFields(group)}
      onClose={onClose}
      onSubmit={async (given) => {
        const fields = { ...toFields(group), ...given };
        const body = { definition: toDefinition(fields, group), base: group?.version ?? 0 };
        await placed(fields, () => fieldApi.putCameraGroup(fields.id, body));
        notify.done(t('cameras.saved', { id: fields.id }));
        await client.invalidateQueries({ queryKey: fieldKeys.cameraGroups });
      }}
    >
      <Form.Item
        name="id"
        label={t('cameras.groupId')}
        extra={t('cameras.groupIdHint')}
        rules={[{ required: true, pattern: idPattern, message: t('common.required') }]}
      >
        <Input className="mono" maxLength={64} disabled={group !== null} />
      </Form.Item>
      <Timing />
      <Login kept={group?.secretsSet.includes('password') ?? false} />
      <CameraList group={group} />
      <Platform group={group} />
      <Faults faults={faults} />
      <TestGroup
        ask={(given) => {
          const fields = { ...toFields(group), ...given };
          const definition = toDefinition(fields, group);
          return placed(fields, () => fieldApi.testCameraGroup(fields.id, { definition }));
        }}
      />
    </FormModal>
  );
}
