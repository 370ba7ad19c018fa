import { useEffect, useRef } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useNavigate } from 'react-router';
import { alarmHandlers } from '#schemas/roles.ts';
import { SeverityMark } from '../components/severity.tsx';
import { useBilingual, useWords } from './i18n.ts';
import type { InboxItem } from './notify-api.ts';
import { notifyApi } from './notify-api.ts';
import { keys } from './queries.ts';
import { useMay } from './session.ts';

/** How late a notice may be on screen, ms. */
const renewMs = 5_000;
/** More at once are told as one: nobody reads a pile of them. */
const mostTold = 3;
/** How long a notice of a lesser alarm stays, s; critical and high ones stay until they are closed. */
const staysS = 12;

/** What the browser itself may show, over other windows. */
export function mayNotify(): NotificationPermission | 'none' {
  return 'Notification' in globalThis && globalThis.isSecureContext ? Notification.permission : 'none';
}

/** Shows what was sent to this person's console, in the page and by the browser, and says that it was on screen. */
export function Inbox() {
  return useMay(alarmHandlers) ? <Notices /> : null;
}

function Notices() {
  const t = useWords();
  const both = useBilingual();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { notification } = App.useApp();
  const shown = useRef(new Set<string>());
  const { data } = useQuery({ queryKey: keys.inbox, queryFn: notifyApi.inbox, refetchInterval: renewMs });
  useEffect(() => {
    const items = (data?.items ?? []).filter((item) => !shown.current.has(item.id));
    const [newest] = items;
    if (newest === undefined) return;
    const titleOf = ({ kind, rule, deviceName }: InboxItem) =>
      [t(`notify.about.${kind}`), rule === null ? '' : both(rule), deviceName ?? '']
        .filter((text) => text !== '')
        .join(' · ');
    const told = items.length > mostTold ? items.slice(0, 1) : items;
    for (const item of told) {
      const title = items.length > mostTold ? t('notify.inbox.many', { count: items.length }) : titleOf(item);
      const to =
        items.length > mostTold || item.alarmId === null
          ? '/alarms'
          : `/alarms?state=all&alarm=${item.alarmId}`;
      const stays = item.severity === 'critical' || item.severity === 'high';
      notification.open({
        key: item.id,
        // Not over the header, which people need for what to do about it.
        placement: 'bottomRight',
        title: (
          <span className="row">
            {item.severity === null ? null : <SeverityMark severity={item.severity} />}
            {title}
          </span>
        ),
        description: item.kind === 'fallback' ? t('notify.inbox.fallback') : undefined,
        duration: stays ? 0 : staysS,
        actions: (
          <Button
            size="small"
            onClick={() => {
              notification.destroy(item.id);
              void navigate(to);
            }}
          >
            {t('notify.inbox.open')}
          </Button>
        ),
      });
      if (mayNotify() === 'granted') {
        const notice = new Notification(title, {
          tag: item.id,
          requireInteraction: item.severity === 'critical',
        });
        notice.addEventListener('click', () => {
          globalThis.focus();
          void navigate(to);
        });
      }
    }
    for (const item of items) shown.current.add(item.id);
    void notifyApi
      .seen(newest.id)
      .then(() => client.invalidateQueries({ queryKey: keys.inbox }))
      // It stays in the inbox and is said to be seen with the next one.
      .catch(() => undefined);
  }, [data, both, client, navigate, notification, t]);
  return null;
}
