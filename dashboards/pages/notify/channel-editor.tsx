import { Checkbox, Form, Input, InputNumber, Segmented, Select, Switch } from 'antd';
import type { ChannelKind, SecretField } from '#schemas/notify.ts';
import { useWords } from '../../app/i18n.ts';
import type { Channel } from '../../app/notify-api.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { kinds, secretsOf, toForm, toWrite, type ChannelValues } from './channel-form.ts';
import { IdAndName } from './fields.tsx';
import { useSettingActions } from './lookups.ts';

const width = 720;

function EmailFields() {
  const t = useWords();
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <div className="form-row">
        <Form.Item
          name="host"
          label={t('notify.channel.host')}
          extra={t('notify.channel.urlHint')}
          rules={[required]}
        >
          <Input className="mono" />
        </Form.Item>
        <Form.Item name="port" label={t('notify.channel.port')} rules={[required]}>
          <InputNumber min={1} max={65_535} />
        </Form.Item>
      </div>
      <Form.Item name="security" label={t('notify.channel.security')}>
        <Segmented
          options={(['tls', 'starttls', 'none'] as const).map((each) => ({
            value: each,
            label: t(`notify.channel.${each}`),
          }))}
        />
      </Form.Item>
      <div className="form-row">
        <Form.Item
          name="from"
          label={t('notify.channel.fromAddress')}
          rules={[{ ...required, type: 'email' }]}
        >
          <Input className="mono" />
        </Form.Item>
        <Form.Item name="username" label={t('notify.channel.username')}>
          <Input className="mono" autoComplete="off" />
        </Form.Item>
      </div>
      <Form.Item name="caCertificate" label={t('notify.channel.caCertificate')}>
        <Input.TextArea className="mono small" autoSize={{ minRows: 1, maxRows: 5 }} spellCheck={false} />
      </Form.Item>
    </>
  );
}

const placeholderList = '{{phone}} {{text}} {{title}} {{key}} {{secret}}';
const headersPattern = /^(\s*[A-Za-z0-9-]+\s*:\s*[^\r\n]*(\r?\n|$))*$/;

function HttpFields() {
  const t = useWords();
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <div className="form-row">
        <Form.Item name="purpose" label={t('notify.channel.purpose')}>
          <Segmented
            options={(['sms', 'voice'] as const).map((each) => ({
              value: each,
              label: t(`notify.channel.${each}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="method" label={t('notify.channel.method')}>
          <Segmented options={['POST', 'PUT', 'GET']} />
        </Form.Item>
        <Form.Item name="contentType" label={t('notify.channel.contentType')}>
          <Segmented options={['json', 'form', 'text']} />
        </Form.Item>
      </div>
      <Form.Item
        name="url"
        label={t('notify.channel.url')}
        extra={t('notify.channel.urlHint')}
        rules={[required]}
      >
        <Input className="mono" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="headers"
        label={t('notify.channel.headers')}
        rules={[{ pattern: headersPattern, message: t('notify.channel.headersRule') }]}
      >
        <Input.TextArea className="mono small" autoSize={{ minRows: 1, maxRows: 4 }} spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="body"
        label={t('notify.channel.body')}
        extra={t('notify.channel.placeholders', { list: placeholderList })}
      >
        <Input.TextArea className="mono small" autoSize={{ minRows: 2, maxRows: 8 }} spellCheck={false} />
      </Form.Item>
      <div className="form-row">
        <Form.Item name="successPath" label={t('notify.channel.successPath')}>
          <Input className="mono" />
        </Form.Item>
        <Form.Item name="successValue" label={t('notify.channel.successValue')}>
          <Input className="mono" />
        </Form.Item>
        <Form.Item name="maxLength" label={t('notify.channel.maxLength')}>
          <InputNumber min={20} max={2_000} />
        </Form.Item>
      </div>
    </>
  );
}

/** What is stored is never shown: left empty it stays, and it can be taken away. */
function SecretFields({ kind, channel }: { kind: ChannelKind; channel: Channel | null }) {
  const t = useWords();
  return (
    <>
      {secretsOf[kind].map((field: SecretField) => {
        const isSet = channel?.secretsSet.includes(field) ?? false;
        const isNeeded = !isSet && (field === 'url' || (field === 'signingKey' && kind === 'webhook'));
        return (
          <Form.Item
            key={field}
            label={t(field === 'url' ? 'notify.channel.robotUrl' : `notify.channel.${field}`)}
          >
            <Form.Item
              noStyle
              name={['secrets', field]}
              rules={[{ required: isNeeded, message: t('common.required') }]}
            >
              <Input.Password
                className="mono"
                autoComplete="new-password"
                placeholder={t(isSet ? 'notify.channel.keep' : 'notify.channel.write')}
              />
            </Form.Item>
            {isSet ? (
              <Form.Item noStyle name={['clear', field]} valuePropName="checked">
                <Checkbox>{t('notify.channel.clear')}</Checkbox>
              </Form.Item>
            ) : null}
          </Form.Item>
        );
      })}
    </>
  );
}

/** A channel; what it needs depends on its kind, which stays. */
export function ChannelEditor({ channel, onClose }: { channel: Channel | null; onClose: () => void }) {
  const t = useWords();
  const { save } = useSettingActions('channels');
  return (
    <FormModal<ChannelValues>
      title={channel === null ? t('notify.channel.add') : channel.name}
      action={t('common.save')}
      width={width}
      initial={toForm(channel)}
      onClose={onClose}
      onSubmit={(values) => save(toWrite(values), channel === null)}
    >
      <Form.Item name="kind" label={t('notify.delivery.channel')}>
        <Select
          disabled={channel !== null}
          options={kinds.map((each) => ({ value: each, label: t(`notify.kind.${each}`) }))}
        />
      </Form.Item>
      <IdAndName isNew={channel === null} />
      <Form.Item noStyle dependencies={['kind']}>
        {({ getFieldValue }) => {
          const kind = getFieldValue('kind') as ChannelKind;
          return (
            <>
              {kind === 'email' ? <EmailFields /> : null}
              {kind === 'http' ? <HttpFields /> : null}
              {kind === 'webhook' ? (
                <Form.Item
                  name="url"
                  label={t('notify.channel.url')}
                  extra={t('notify.channel.urlHint')}
                  rules={[{ required: true, type: 'url', message: t('common.required') }]}
                >
                  <Input className="mono" spellCheck={false} />
                </Form.Item>
              ) : null}
              <SecretFields kind={kind} channel={channel} />
            </>
          );
        }}
      </Form.Item>
      <div className="form-row">
        <Form.Item name="language" label={t('notify.channel.language')}>
          <Segmented
            options={(['zh-CN', 'en'] as const).map((each) => ({
              value: each,
              label: t(`language.${each}`),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="perMinute"
          label={t('notify.channel.perMinute')}
          extra={t('notify.channel.perMinuteHint')}
        >
          <InputNumber min={1} max={600} />
        </Form.Item>
        <Form.Item name="enabled" label={t('notify.channel.enabled')} valuePropName="checked">
          <Switch />
        </Form.Item>
      </div>
    </FormModal>
  );
}
