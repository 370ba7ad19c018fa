import { useCallback, useEffect, useState } from 'react';
import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { alarmHandlers } from '#schemas/roles.ts';
import type { Alarm } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { alarmApi } from '../../app/alarm-api.ts';
import { downloadCsv } from '../../app/download.ts';
import { useFilters } from '../../app/filters.ts';
import { useWords } from '../../app/i18n.ts';
import { isForPage } from '../../app/keyboard.ts';
import type { Rows } from '../../app/pages.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useMay, useSession } from '../../app/session.ts';
import { ListTable } from '../../components/list-table.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState } from '../../components/states.tsx';
import { ActModal, type Acting } from './act-modal.tsx';
import { actOf, acts, type Act } from './acts.ts';
import { useAlarmColumns } from './alarm-columns.tsx';
import { AlarmDrawer } from './alarm-drawer.tsx';
import type { AlarmFilters } from './alarm-filters.tsx';
import { filterNames, Filters, queryOf, useFilterWords, viewOf } from './alarm-filters.tsx';
import { AlarmNav } from './alarm-nav.tsx';
import { FloodNotice, HiddenCritical } from './alarm-notices.tsx';
import { BulkModal } from './bulk-modal.tsx';

/** The columns of fixed width, and room for what and where, px. */
const narrowest = 990;

const renewMs = 30_000;
/** Rows of one page: in a flood the rest comes as the list is read. */
const pageRows = 500;

/** The rows of the chosen view; of open ones the most urgent stand first, however many there are. */
function useAlarmRows(values: AlarmFilters['values']): Rows<Alarm> {
  const view = viewOf(values.state);
  return usePages<Alarm>({
    queryKey: [...keys.alarms, 'list'],
    load: api.alarms,
    query: { ...queryOf(values), state: view, ...(view === 'open' ? { order: 'urgency' } : {}) },
    limit: pageRows,
    ...(view === 'open' ? { refetchIntervalMs: renewMs } : {}),
  });
}

/** How many active, unacknowledged critical alarms this view hides. */
function useHiddenCritical(values: AlarmFilters['values']): number {
  const query = { ...queryOf(values), state: viewOf(values.state), limit: 1 };
  const { data } = useQuery({
    queryKey: [...keys.alarms, 'hidden', query],
    queryFn: () => alarmApi.list(query),
    refetchInterval: 30_000,
  });
  return data?.hiddenCritical ?? 0;
}

function save(alarms: readonly Alarm[]): void {
  downloadCsv('alarms', [
    [
      'id',
      'severity',
      'rule',
      'device',
      'point',
      'value',
      'limit',
      'unit',
      'active',
      'acknowledged',
      'raisedAt',
      'clearedAt',
      'acknowledgedAt',
      'acknowledgedBy',
      'comment',
      'provenance',
    ],
    ...alarms.map((each) => [
      each.id,
      each.severity,
      each.ruleName,
      each.deviceId,
      each.point,
      each.value,
      each.limit,
      each.unit,
      String(each.active),
      String(each.acknowledged),
      each.raisedAt,
      each.clearedAt,
      each.acknowledgedAt,
      each.acknowledgedBy,
      each.comment,
      each.provenance,
    ]),
  ]);
}

export function AlarmsPage() {
  const t = useWords();
  const filters = useFilters(filterNames);
  const drawer = useFilters(['alarm'] as const);
  const { user } = useSession();
  const filterWords = useFilterWords();
  const [acting, setActing] = useState<Acting | null>(null);
  const [bulk, setBulk] = useState(false);
  const act = useCallback((kind: Act, alarm: Alarm) => setActing({ act: kind, alarm }), []);
  const list = useAlarmRows(filters.values);
  const hidden = useHiddenCritical(filters.values);
  const columns = useAlarmColumns({ complete: !list.hasMore, onAct: act });
  const view = viewOf(filters.values.state);
  const letters = [...new Set(acts.map(({ letter }) => letter))];
  return (
    <Page
      fill
      title={t('alarm.title')}
      beside={<AlarmNav />}
      actions={<Actions alarms={list.data ?? []} onBulk={view === 'all' ? undefined : () => setBulk(true)} />}
    >
      <Filters filters={filters} />
      <HiddenCritical count={hidden} />
      <FloodNotice />
      <ListTable
        list={list}
        columns={columns}
        minWidth={narrowest}
        steady
        onOpen={(alarm) => drawer.set({ alarm: alarm.id })}
        letters={Object.fromEntries(
          letters.map((letter) => [
            letter,
            (alarm: Alarm) => {
              const asked = actOf(letter, alarm, user.role);
              if (asked !== undefined) act(asked, alarm);
            },
          ]),
        )}
        empty={
          <EmptyState
            title={t(view === 'open' && !filters.any ? 'alarm.empty' : 'alarm.emptyAll')}
            hint={view === 'open' && !filters.any ? t('alarm.emptyHint') : undefined}
          />
        }
      />
      {drawer.values.alarm === '' ? null : (
        <AlarmDrawer
          key={drawer.values.alarm}
          alarmId={drawer.values.alarm}
          onClose={() => drawer.set({ alarm: null })}
          onAct={act}
        />
      )}
      {acting === null ? null : <ActModal acting={acting} onClose={() => setActing(null)} />}
      {bulk ? (
        <BulkModal
          filter={{ ...queryOf(filters.values), state: view }}
          told={filterWords(filters.values)}
          onClose={() => setBulk(false)}
        />
      ) : null}
    </Page>
  );
}

interface ActionsProps {
  readonly alarms: readonly Alarm[];
  /** Absent where the list is of all that ever was. */
  readonly onBulk: (() => void) | undefined;
}

function Actions({ alarms, onBulk }: ActionsProps) {
  const t = useWords();
  const mayHandle = useMay(alarmHandlers);
  useEffect(() => {
    if (!mayHandle || onBulk === undefined) return undefined;
    const press = (event: KeyboardEvent) => {
      if (event.key === 'b' && isForPage(event)) onBulk();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [mayHandle, onBulk]);
  return (
    <>
      {mayHandle ? (
        <Button disabled={onBulk === undefined} aria-keyshortcuts="b" onClick={onBulk}>
          {t('bulk.button')} <kbd>b</kbd>
        </Button>
      ) : null}
      <Button icon={<DownloadOutlined />} onClick={() => save(alarms)}>
        {t('common.download')}
      </Button>
    </>
  );
}
