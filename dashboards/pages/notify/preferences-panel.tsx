import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Segmented } from 'antd';
import { mayNotify } from '../../app/inbox.tsx';
import { useWords } from '../../app/i18n.ts';
import type { Preferences, PreferencesWrite, ReachablePerson } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { severityOrder } from '../../app/theme.ts';
import { FormModal } from '../../components/form-modal.tsx';
import { useNotify } from '../../components/notify.ts';
import { Panel } from '../../components/page.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { Loaded } from '../../components/states.tsx';
import { WindowsField } from './fields.tsx';
import { PushBrowsers } from './push-browsers.tsx';

const phonePattern = /^\+?[0-9][0-9 -]{4,20}$/;
const ways = ['console', 'push', 'email', 'http'] as const;

/** An empty field is no address. */
function toWrite({ email, phone, ...rest }: Preferences): PreferencesWrite {
  const given = (text: string | null | undefined) => (text === undefined || text === '' ? null : text);
  return { ...rest, quiet: rest.quiet ?? [], email: given(email), phone: given(phone) };
}

function PreferenceFields() {
  const t = useWords();
  return (
    <>
      <div className="form-row">
        <Form.Item
          name="email"
          label={t('notify.me.email')}
          rules={[{ type: 'email', message: t('notify.me.emailRule') }]}
        >
          <Input type="email" autoComplete="email" />
        </Form.Item>
        <Form.Item
          name="phone"
          label={t('notify.me.phone')}
          rules={[{ pattern: phonePattern, message: t('notify.me.phoneRule') }]}
        >
          <Input type="tel" autoComplete="tel" />
        </Form.Item>
        <Form.Item name="language" label={t('notify.me.language')}>
          <Segmented
            options={(['zh-CN', 'en'] as const).map((each) => ({
              value: each,
              label: t(`language.${each}`),
            }))}
          />
        </Form.Item>
      </div>
      <Form.Item label={t('notify.me.ways')}>
        {ways.map((way) => (
          <div key={way} className="row wrap form-line">
            <span className="way">{t(`notify.kind.${way}`)}</span>
            <Form.Item noStyle name={['ways', way]}>
              <Checkbox.Group
                options={severityOrder.map((each) => ({ value: each, label: t(`severity.${each}`) }))}
              />
            </Form.Item>
          </div>
        ))}
      </Form.Item>
      <WindowsField name="quiet" label={t('notify.me.quiet')} extra={t('notify.me.quietHint')} />
    </>
  );
}

/** Somebody else's, by an administrator. */
export function PersonPreferences({ person, onClose }: { person: ReachablePerson; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { username, displayName } = person;
  const { data } = useQuery({
    queryKey: [...keys.notify, 'preferences', username],
    queryFn: () => notifyApi.preferencesOf(username),
    staleTime: 0,
  });
  if (data === undefined) return null;
  return (
    <FormModal<Preferences>
      title={t('notify.teamForm.editAddresses', { name: displayName })}
      action={t('common.save')}
      width={680}
      initial={data}
      onClose={onClose}
      onSubmit={async (values) => {
        await notifyApi.savePreferencesOf(username, toWrite(values));
        notify.done(t('notify.saved', { name: displayName }));
        await client.invalidateQueries({ queryKey: keys.notify });
      }}
    >
      <PreferenceFields />
    </FormModal>
  );
}

function BrowserPermission() {
  const t = useWords();
  const [permission, setPermission] = useState(mayNotify);
  const told = { granted: 'browserOn', denied: 'browserOff', none: 'browserNone' } as const;
  return (
    <Form.Item label={t('notify.me.browser')}>
      {permission === 'default' ? (
        <Button onClick={() => void Notification.requestPermission().then(setPermission)}>
          {t('notify.me.browserAsk')}
        </Button>
      ) : (
        <span className={permission === 'granted' ? '' : 'soft'}>{t(`notify.me.${told[permission]}`)}</span>
      )}
    </Form.Item>
  );
}

function OwnForm({ preferences }: { preferences: Preferences }) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const save = useMutation({
    mutationFn: (values: Preferences) => notifyApi.saveMe(toWrite(values)),
    onSuccess: async () => {
      notify.done(t('notify.me.saved'));
      await client.invalidateQueries({ queryKey: keys.notify });
    },
  });
  return (
    <Form<Preferences>
      layout="vertical"
      requiredMark={false}
      initialValues={preferences}
      onFinish={(values) => save.mutate(values)}
    >
      <PreferenceFields />
      <BrowserPermission />
      <PushBrowsers />
      <Refusal error={save.error} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('common.save')}
      </Button>
    </Form>
  );
}

/** How I am told: addresses, language, which severities by which way, quiet hours. */
export function PreferencesPanel() {
  const t = useWords();
  const query = useQuery({ queryKey: [...keys.notify, 'me'], queryFn: notifyApi.me });
  return (
    <Panel title={t('notify.me.title')}>
      <Loaded query={query}>{(preferences) => <OwnForm preferences={preferences} />}</Loaded>
    </Panel>
  );
}
