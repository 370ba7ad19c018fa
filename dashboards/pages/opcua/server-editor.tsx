import { useQueryClient } from '@tanstack/react-query';
import { Alert, Checkbox, Form, Input, InputNumber, Select } from 'antd';
import type { OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { idPattern } from '#schemas/ids.ts';
import { opcuaSecurityModes, opcuaSecurityPolicies } from '#schemas/opcua.ts';
import { useWords } from '../../app/i18n.ts';
import { opcuaApi, opcuaKeys } from '../../app/opcua-api.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { DeviceSelect } from './device-select.tsx';
import { loginKinds, samplingRules, toFields, toWrite, type ServerFields } from './server-form.ts';
import { TestConnection } from './test-connection.tsx';

const intervalMinMs = 50;
const intervalMostMs = 3_600_000;
const width = 720;
const pemRows = 3;

function Security() {
  const t = useWords();
  const mode = Form.useWatch<ServerFields['securityMode'] | undefined>('securityMode');
  return (
    <>
      <div className="row top">
        <Form.Item className="grow" name="securityMode" label={t('opcua.securityMode')}>
          <Select options={opcuaSecurityModes.map((value) => ({ value, label: t(`opcua.mode.${value}`) }))} />
        </Form.Item>
        <Form.Item className="grow" name="securityPolicy" label={t('opcua.securityPolicy')}>
          <Select
            disabled={mode === 'None'}
            options={opcuaSecurityPolicies.map((value) => ({ value, label: value }))}
          />
        </Form.Item>
      </div>
      {mode === 'None' ? <Alert type="warning" showIcon title={t('opcua.noneWarning')} /> : null}
    </>
  );
}

function Login({ secretsSet }: { secretsSet: OpcuaServerAnswer['secretsSet'] }) {
  const t = useWords();
  const login = Form.useWatch<ServerFields['login'] | undefined>('login');
  const kept = (field: OpcuaServerAnswer['secretsSet'][number]) =>
    secretsSet.includes(field) ? { placeholder: t('opcua.kept') } : {};
  return (
    <>
      <Form.Item name="login" label={t('opcua.login')}>
        <Select options={loginKinds.map((value) => ({ value, label: t(`opcua.loginKind.${value}`) }))} />
      </Form.Item>
      {login === 'password' ? (
        <div className="row top">
          <Form.Item
            className="grow"
            name="username"
            label={t('opcua.username')}
            rules={[{ required: true, whitespace: true, message: t('common.required') }]}
          >
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Form.Item className="grow" name="password" label={t('opcua.password')}>
            <Input.Password autoComplete="new-password" maxLength={500} {...kept('password')} />
          </Form.Item>
        </div>
      ) : null}
      {login === 'certificate' ? (
        <>
          <Form.Item name="userCertificate" label={t('opcua.userCertificate')}>
            <Input.TextArea className="mono" rows={pemRows} {...kept('userCertificate')} />
          </Form.Item>
          <Form.Item name="userKey" label={t('opcua.userKey')}>
            <Input.TextArea className="mono" rows={pemRows} {...kept('userKey')} />
          </Form.Item>
        </>
      ) : null}
    </>
  );
}

function Reporting() {
  const t = useWords();
  const interval = <InputNumber min={intervalMinMs} max={intervalMostMs} style={{ width: '100%' }} />;
  const hears = Form.useWatch<boolean | undefined>('hearsConditions');
  return (
    <>
      <div className="row top">
        <Form.Item
          className="grow"
          name="samplingIntervalMs"
          label={t('opcua.sampling')}
          rules={samplingRules(t)}
        >
          <InputNumber min={0} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item className="grow" name="publishingIntervalMs" label={t('opcua.publishing')}>
          {interval}
        </Form.Item>
        <Form.Item className="grow" name="trigger" label={t('opcua.trigger')}>
          <Select
            options={(['value', 'timestamp'] as const).map((value) => ({
              value,
              label: t(`opcua.triggers.${value}`),
            }))}
          />
        </Form.Item>
      </div>
      <Form.Item name="hearsConditions" valuePropName="checked">
        <Checkbox>{t('opcua.conditions')}</Checkbox>
      </Form.Item>
      {hears === true ? (
        <Form.Item name="otherDeviceId" label={t('opcua.otherDevice')} extra={t('opcua.otherDeviceHint')}>
          <DeviceSelect allowClear />
        </Form.Item>
      ) : null}
    </>
  );
}

/** A server, new or as it is kept; tried before it is saved. @param server null: a new one */
export function ServerEditor({ server, onClose }: { server: OpcuaServerAnswer | null; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  return (
    <FormModal<ServerFields>
      title={server === null ? t('opcua.addTitle') : t('opcua.editTitle', { id: server.id })}
      action={t('common.save')}
      width={width}
      initial={toFields(server)}
      onClose={onClose}
      onSubmit={async (fields) => {
        const body = toWrite(fields, server);
        await (server === null ? opcuaApi.add(body) : opcuaApi.change(server.id, body));
        notify.done(t('opcua.saved', { id: fields.id }));
        await client.invalidateQueries({ queryKey: opcuaKeys.servers });
      }}
    >
      <div className="row top">
        <Form.Item
          className="grow"
          name="id"
          label={t('opcua.id')}
          extra={t('opcua.idHint')}
          rules={[{ required: true, pattern: idPattern, message: t('common.required') }]}
        >
          <Input className="mono" maxLength={64} disabled={server !== null} />
        </Form.Item>
        <Form.Item
          className="grow"
          name="endpoint"
          label={t('opcua.endpoint')}
          rules={[
            { required: true, pattern: /^\s*opc\.tcp:\/\/[^\s@]+\s*$/, message: 'opc.tcp://host:port' },
          ]}
        >
          <Input className="mono" maxLength={512} />
        </Form.Item>
      </div>
      <Security />
      <Login secretsSet={server?.secretsSet ?? []} />
      <Reporting />
      <TestConnection server={server} />
    </FormModal>
  );
}
