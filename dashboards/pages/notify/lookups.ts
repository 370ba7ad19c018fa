import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useWords } from '../../app/i18n.ts';
import type { NotifyKind, TeamBody } from '../../app/notify-api.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { useNotify } from '../../components/notify.ts';

const keyOf = (what: string) => [...keys.notify, what];

export const useChannels = () =>
  useQuery({ queryKey: keyOf('channels'), queryFn: notifyApi.channels, refetchInterval: 10_000 });
export const useTeams = () => useQuery({ queryKey: keyOf('teams'), queryFn: notifyApi.teams });
export const useRosters = () => useQuery({ queryKey: keyOf('rosters'), queryFn: notifyApi.rosters });
export const useRoutes = () => useQuery({ queryKey: keyOf('routes'), queryFn: notifyApi.routes });
export const useReports = () => useQuery({ queryKey: keyOf('reports'), queryFn: notifyApi.reports });
export const usePeople = () => useQuery({ queryKey: keyOf('people'), queryFn: notifyApi.people });

/** Displayed names of people; the user name until they are here. */
export function usePersonName(): (username: string) => string {
  const { data } = usePeople();
  const names = new Map(data?.items.map((person) => [person.username, person.displayName]));
  return (username) => names.get(username) ?? username;
}

/** Choices of people for a form, with those who cannot be reached marked. */
export function usePeopleOptions(): { value: string; label: string }[] {
  const t = useWords();
  const { data } = usePeople();
  return (data?.items ?? []).map(({ username, displayName, isActive }) => ({
    value: username,
    label: isActive
      ? `${displayName} (${username})`
      : `${displayName} (${username}) · ${t('notify.inactive')}`,
  }));
}

/** The name of a team, roster or channel; its id until the names are here. */
export function nameIn(items: readonly Pick<TeamBody, 'id' | 'name'>[] | undefined, id: string): string {
  return items?.find((item) => item.id === id)?.name ?? id;
}

/** Saves and deletes settings; a refusal of saving is the form's to show. */
export function useSettingActions(kind: NotifyKind): {
  readonly save: (body: { readonly id: string; readonly name: string }, isNew: boolean) => Promise<void>;
  readonly remove: (item: { readonly id: string; readonly name: string }) => void;
} {
  const t = useWords();
  const client = useQueryClient();
  const notify = useNotify();
  const { modal } = App.useApp();
  const renew = () => client.invalidateQueries({ queryKey: keys.notify });
  return {
    save: async (body, isNew) => {
      await notifyApi.save(kind, body, isNew);
      notify.done(t('notify.saved', { name: body.name }));
      await renew();
    },
    remove: (item) =>
      void modal.confirm({
        title: t('notify.removeTitle', { name: item.name }),
        content: t('notify.removeBody'),
        okText: t('account.delete'),
        okButtonProps: { danger: true },
        onOk: async () => {
          try {
            await notifyApi.remove(kind, item.id);
            notify.done(t('notify.removed', { name: item.name }));
          } catch (error) {
            notify.failed(error);
          }
          await renew();
        },
      }),
  };
}
