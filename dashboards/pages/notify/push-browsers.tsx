import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useWords } from '../../app/i18n.ts';
import type { PushBrowser } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import {
  browserLabel,
  mayPush,
  pushEndpoint,
  PushRefused,
  subscribePush,
  unsubscribePush,
} from '../../app/push.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { useNotify } from '../../components/notify.ts';
import { Refusal } from '../../components/refusal.tsx';

const browsersKey = [...keys.notify, 'browsers'];

/** The browsers in which I am told though no console is open; this one is added and taken away here. */
export function PushBrowsers() {
  const t = useWords();
  const parkTime = useParkTime();
  const client = useQueryClient();
  const notify = useNotify();
  const { data } = useQuery({
    queryKey: browsersKey,
    queryFn: async () => ({ items: (await notifyApi.browsers()).items, here: await pushEndpoint() }),
  });
  const renew = () => client.invalidateQueries({ queryKey: browsersKey });
  const add = useMutation({
    mutationFn: () => subscribePush(browserLabel(navigator.userAgent)),
    onSuccess: async () => {
      notify.done(t('notify.me.pushAdded'));
      await renew();
    },
  });
  const remove = useMutation({
    mutationFn: async (browser: PushBrowser) => {
      if (browser.endpoint === data?.here) await unsubscribePush();
      await notifyApi.removeBrowser(browser.id);
      return browser;
    },
    onSuccess: async ({ label }) => {
      notify.done(t('notify.me.pushRemoved', { label }));
      await renew();
    },
  });
  const items = data?.items ?? [];
  const isHere = items.some(({ endpoint }) => endpoint === data?.here);
  const refused = add.error;
  return (
    <Form.Item label={t('notify.me.push')} extra={t('notify.me.pushHint')}>
      {items.map((browser) => (
        <div key={browser.id} className="row form-line">
          <span>{browser.label}</span>
          {browser.endpoint === data?.here ? <span className="tag">{t('notify.me.pushHere')}</span> : null}
          <span className="soft small num">{parkTime(browser.createdAt, 'minute')}</span>
          <Button size="small" loading={remove.isPending} onClick={() => remove.mutate(browser)}>
            {t(browser.endpoint === data?.here ? 'notify.me.pushOff' : 'account.delete')}
          </Button>
        </div>
      ))}
      {!mayPush() ? (
        <span className="soft">{t('notify.me.pushNone')}</span>
      ) : isHere ? null : (
        <Button loading={add.isPending} onClick={() => add.mutate()}>
          {t('notify.me.pushOn')}
        </Button>
      )}
      {refused instanceof PushRefused ? (
        <p role="alert" className="severity high small">
          {refused.isDenied
            ? t('notify.me.pushDenied')
            : t('notify.me.pushFailed', { reason: refused.message })}
        </p>
      ) : (
        <Refusal error={refused ?? remove.error} />
      )}
    </Form.Item>
  );
}
