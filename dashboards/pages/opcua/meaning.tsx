import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Select } from 'antd';
import type { OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { opcuaArgumentTypes, type OpcuaMethod, type SavedOpcuaServer } from '#schemas/opcua.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { DeviceSelect } from './device-select.tsx';

/** Objects as sources of alarms, methods as commands: what is kept with the server itself. */
function useChange(server: OpcuaServerAnswer) {
  const client = useQueryClient();
  return async (change: Partial<SavedOpcuaServer>) => {
    if (server.settings === null) return;
    await opcuaApi.change(server.id, { settings: { ...server.settings, ...change } });
    await client.invalidateQueries({ queryKey: opcuaKeys.servers });
  };
}

interface MeaningProps {
  readonly server: OpcuaServerAnswer;
  readonly nodeId: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Conditions of an object become alarms of a device. */
export function AlarmSource({ server, nodeId, name, onClose }: MeaningProps) {
  const t = useWords();
  const notify = useNotify();
  const change = useChange(server);
  const { notifier = 'i=2253', sources = [], ...alarms } = server.settings?.alarms ?? {};
  const known = sources.find((source) => source.nodeId === nodeId);
  return (
    <FormModal<{ deviceId: string }>
      title={t('opcua.sourceTitle', { name })}
      action={t('common.save')}
      initial={known === undefined ? {} : { deviceId: known.deviceId }}
      onClose={onClose}
      onSubmit={async ({ deviceId }) => {
        const others = sources.filter((source) => source.nodeId !== nodeId);
        await change({ alarms: { ...alarms, notifier, sources: [...others, { nodeId, deviceId }] } });
        notify.done(t('opcua.sourceDone'));
      }}
    >
      <p className="mono small">{nodeId}</p>
      <Form.Item
        name="deviceId"
        label={t('opcua.device')}
        rules={[{ required: true, message: t('common.required') }]}
      >
        <DeviceSelect />
      </Form.Item>
    </FormModal>
  );
}

interface MethodFields {
  readonly deviceId: string;
  readonly command: string;
  readonly arguments?: readonly { readonly dataType: ArgumentType; readonly value?: string }[];
}
type ArgumentType = (typeof opcuaArgumentTypes)[number];

/** What was typed, as the type has it; a text that is none is refused by the server with its path. Pure. */
export function typedValue(dataType: ArgumentType, text: string): string | number | boolean {
  if (dataType === 'String') return text;
  if (dataType === 'Boolean') return text === 'true' || text === '1';
  return text.trim() === '' ? text : Number.isNaN(Number(text)) ? text : Number(text);
}

function Arguments() {
  const t = useWords();
  return (
    <Form.Item label={t('opcua.arguments')}>
      <Form.List name="arguments">
        {(fields, { add, remove }) => (
          <div className="stack">
            {fields.map(({ key, name }) => (
              <div key={key} className="row">
                <Form.Item name={[name, 'dataType']} noStyle initialValue="UInt32">
                  <Select
                    style={{ width: '40%' }}
                    options={opcuaArgumentTypes.map((value) => ({ value, label: value }))}
                  />
                </Form.Item>
                <Form.Item name={[name, 'value']} noStyle>
                  <Input className="mono" maxLength={500} />
                </Form.Item>
                <Button size="small" onClick={() => remove(name)}>
                  {t('opcua.remove1')}
                </Button>
              </div>
            ))}
            <div>
              <Button size="small" onClick={() => add()}>
                {t('opcua.addArgument')}
              </Button>
            </div>
          </div>
        )}
      </Form.List>
    </Form.Item>
  );
}

/** A method becomes a command that a device can be told. */
export function MethodCommand(props: MeaningProps & { readonly objectId: string }) {
  const { server, nodeId, name, objectId, onClose } = props;
  const t = useWords();
  const notify = useNotify();
  const change = useChange(server);
  const required = { required: true, message: t('common.required') };
  return (
    <FormModal<MethodFields>
      title={t('opcua.methodTitle', { name })}
      action={t('common.save')}
      onClose={onClose}
      onSubmit={async ({ deviceId, command, arguments: given = [] }) => {
        const method: OpcuaMethod = {
          deviceId,
          command,
          objectId,
          methodId: nodeId,
          arguments: given.map(({ dataType, value = '' }) => ({
            dataType,
            value: typedValue(dataType, value),
          })),
        };
        const others = (server.settings?.methods ?? []).filter(
          (one) => one.deviceId !== deviceId || one.command !== command,
        );
        await change({ methods: [...others, method] });
        notify.done(t('opcua.methodDone'));
      }}
    >
      <p className="mono small">{nodeId}</p>
      <Form.Item name="deviceId" label={t('opcua.device')} rules={[required]}>
        <DeviceSelect />
      </Form.Item>
      <Form.Item
        name="command"
        label={t('opcua.command')}
        extra={t('opcua.commandHint')}
        rules={[required, { pattern: /^[a-z][a-z0-9_]{0,39}$/, message: t('opcua.commandHint') }]}
      >
        <Input className="mono" maxLength={40} />
      </Form.Item>
      <Arguments />
    </FormModal>
  );
}

/** Sources of alarms and commands of a server, each to be taken away. */
export function Meanings({ server }: { server: OpcuaServerAnswer }) {
  const t = useWords();
  const notify = useNotify();
  const { modal } = App.useApp();
  const change = useChange(server);
  const { alarms, methods = [] } = server.settings ?? {};
  const sources = alarms?.sources ?? [];
  const remove = (what: string, to: Partial<SavedOpcuaServer>) =>
    void modal.confirm({
      title: `${t('opcua.remove1')} ${what}?`,
      okText: t('opcua.remove1'),
      okButtonProps: { danger: true },
      onOk: () => change(to).catch((error: unknown) => notify.failed(error)),
    });
  if (sources.length + methods.length === 0) return null;
  const row = (key: string, text: string, nodeId: string, to: Partial<SavedOpcuaServer>) => (
    <li key={key} className="row">
      <span className="mono">{text}</span>
      <span className="soft small mono cut">{nodeId}</span>
      <span className="grow" />
      <Button size="small" onClick={() => remove(text, to)}>
        {t('opcua.remove1')}
      </Button>
    </li>
  );
  return (
    <>
      {sources.length === 0 || alarms === undefined ? null : (
        <>
          <strong className="small">{t('opcua.sources')}</strong>
          <ul className="plain small">
            {sources.map(({ nodeId, deviceId }) =>
              row(nodeId, deviceId, nodeId, {
                alarms: { ...alarms, sources: sources.filter((one) => one.nodeId !== nodeId) },
              }),
            )}
          </ul>
        </>
      )}
      {methods.length === 0 ? null : (
        <>
          <strong className="small">{t('opcua.methods')}</strong>
          <ul className="plain small">
            {methods.map((method) =>
              row(
                `${method.deviceId} ${method.command}`,
                `${method.deviceId} · ${method.command}`,
                method.methodId,
                {
                  methods: methods.filter((one) => one !== method),
                },
              ),
            )}
          </ul>
        </>
      )}
    </>
  );
}
