import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { alarmHandlers } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import { notifyApi } from '../../app/notify-api.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { PreviewResult } from './preview.tsx';

/** Of one alarm: what was sent, and who would be told if it were raised now. */
export function AlarmNotices({ alarmId }: { alarmId: string }) {
  return useMay(alarmHandlers) ? <Notices alarmId={alarmId} /> : null;
}

function Notices({ alarmId }: { alarmId: string }) {
  const t = useWords();
  const [isOpen, setOpen] = useState(false);
  const query = useQuery({
    queryKey: [...keys.notify, 'preview', alarmId],
    queryFn: () => notifyApi.preview({ alarm: alarmId }),
    enabled: isOpen,
  });
  return (
    <Panel
      title={t('notify.title')}
      actions={<Link to={`/alarms/notify?tab=log&alarm=${alarmId}`}>{t('notify.log')}</Link>}
    >
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t('notify.preview.title')}</summary>
        {isOpen ? <Loaded query={query}>{(preview) => <PreviewResult preview={preview} />}</Loaded> : null}
      </details>
    </Panel>
  );
}
