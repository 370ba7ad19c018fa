import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { Link } from 'react-router';
import type { BoardEvent } from '#schemas/api/class-board.ts';
import { classBoardApi } from '../../app/class-board-api.ts';
import { useFilters } from '../../app/filters.ts';
import type { Translate } from '../../app/i18n.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { sharedWord } from '../../app/shared-word.ts';
import { useParkTime } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import type { BoardScope } from './board-trend.tsx';

const renewMs = 3_000;
const shown = 30;

function factsText(t: Translate, { data }: BoardEvent): string {
  return Object.entries(data)
    .map(([field, fact]) => {
      const name = t(`boards.field.${field}` as 'boards.field.reason', field);
      return `${name} ${sharedWord(t, fact)}`;
    })
    .join(' · ');
}

/** What just happened at the devices of a board. */
export function BoardFeed({ answer, space }: BoardScope) {
  const t = useWords();
  const both = useBilingual();
  const parkTime = useParkTime();
  const { values, set } = useFilters(['event'] as const);
  const kinds = answer.board.feed?.events ?? [];
  const query = useQuery({
    queryKey: ['class-board', answer.class, 'feed', space, values.event],
    queryFn: () => classBoardApi.feed(answer.class, { space, type: values.event, limit: shown }),
    refetchInterval: renewMs,
  });
  return (
    <Panel
      title={t('boards.feed')}
      actions={
        <Select
          size="small"
          allowClear
          aria-label={t('boards.feed')}
          placeholder={t('boards.feedAll')}
          style={{ width: '9.3em' }}
          value={values.event === '' ? null : values.event}
          options={kinds.map(({ type, name }) => ({ value: type, label: both(name) }))}
          onChange={(event) => set({ event })}
        />
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('boards.feedEmpty')} />
          ) : (
            <table className="plain-table" data-testid="feed">
              <tbody>
                {items.map((event) => {
                  const kind = kinds.find(({ type }) => type === event.type);
                  return (
                    <tr key={event.id}>
                      <td className="num nowrap">{parkTime(event.time, 'minute')}</td>
                      <td className="nowrap">
                        {kind?.severity === undefined ? null : (
                          <SeverityMark severity={kind.severity} wordless />
                        )}{' '}
                        {kind === undefined ? event.type : both(kind.name)}
                      </td>
                      <td>
                        <Link to={`/devices/${event.deviceId}`}>{event.deviceName}</Link>
                      </td>
                      <td className="soft small">{factsText(t, event)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          )
        }
      </Loaded>
      <p className="soft small">{t('boards.feedHint', { seconds: renewMs / 1_000 })}</p>
    </Panel>
  );
}
