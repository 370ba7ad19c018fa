import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import type { OneTimePassword, User } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useNotify } from '../../components/notify.ts';

/** What an administrator does to somebody's account; what cannot be undone asks first and names the account. */
export function useUserActions(onSecret: (secret: OneTimePassword) => void) {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  const run = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      notify.failed(error);
    }
    await client.invalidateQueries({ queryKey: keys.users });
  };
  const setDisabled = (user: User, disabled: boolean) =>
    run(async () => {
      await api.changeUser(user.id, { disabled });
      notify.done(t('people.changed', { name: user.username }));
    });
  return {
    reset: (user: User) =>
      modal.confirm({
        title: t('people.resetTitle', { name: user.username }),
        content: t('people.resetBody'),
        okText: t('people.reset'),
        onOk: () =>
          run(async () => {
            const answer = await api.setPassword(user.id, {});
            const { oneTimePassword, expiresAt } = answer;
            if (oneTimePassword !== undefined && expiresAt !== undefined)
              onSecret({ user: answer.user, oneTimePassword, expiresAt });
          }),
      }),
    disable: (user: User) =>
      modal.confirm({
        title: t('people.disableTitle', { name: user.username }),
        content: t('people.disableBody'),
        okText: t('people.disable'),
        okButtonProps: { danger: true },
        onOk: () => setDisabled(user, true),
      }),
    enable: (user: User) => void setDisabled(user, false),
  };
}
