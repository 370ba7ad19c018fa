import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { Link } from 'react-router';
import type { MeterNode } from '#schemas/api/consumption.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { classBoardApi } from '../../app/class-board-api.ts';
import { nowMs } from '../../app/clock.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useSession } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import type { BoardScope } from './board-trend.tsx';
import { lastQuarter } from './periods.ts';

const renewMs = 5 * 60_000;

interface Line {
  readonly node: MeterNode;
  readonly depth: number;
}

function linesOf(node: MeterNode, depth = 0): Line[] {
  return [{ node, depth }, ...node.children.flatMap((child) => linesOf(child, depth + 1))];
}

const share = (part: number | null) => (part === null ? '—' : `${formatLoose(100 * part, 1)} %`);

/** A meter, the meters below it, and what is lost between them. */
export function MeterTree({ answer }: BoardScope) {
  const t = useWords();
  const { timeZone } = useSession();
  const { values, set } = useFilters(['meter'] as const);
  const roots = answer.treeRoots;
  const root = roots.find(({ id }) => id === values.meter) ?? roots[0];
  const metric = answer.board.consumption ?? '';
  const query = useQuery({
    queryKey: ['class-board', answer.class, 'tree', root?.id],
    enabled: root !== undefined,
    refetchInterval: renewMs,
    queryFn: () => {
      const calendar = localCalendar(timeZone);
      const fromMs = calendar.startOf(calendar.dayOf(nowMs()));
      const toMs = Math.max(lastQuarter(nowMs()), fromMs + 900_000);
      const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      return classBoardApi.tree({ root: root?.id ?? '', metric, ...range });
    },
  });
  if (root === undefined) return null;
  return (
    <Panel
      title={t('boards.tree')}
      actions={
        <Select
          size="small"
          aria-label={t('boards.treeRoot')}
          style={{ width: '14.3em' }}
          value={root.id}
          options={roots.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(meter) => set({ meter })}
        />
      }
    >
      <p className="soft small">{t('boards.treeHint')}</p>
      <Loaded query={query}>
        {({ root: top, unit }) => {
          const amount = (value: number | null) =>
            value === null ? '—' : `${formatLoose(value, 1)} ${unitSign(unit)}`;
          return (
            <table className="plain-table" data-testid="tree">
              <thead>
                <tr>
                  <th>{t('common.name')}</th>
                  <th className="right">{t('consumption.value')}</th>
                  <th className="right">{t('boards.treeShare')}</th>
                  <th className="right">{t('boards.loss')}</th>
                </tr>
              </thead>
              <tbody>
                {linesOf(top).map(({ node, depth }) => (
                  <tr key={node.deviceId}>
                    <td style={{ paddingLeft: `calc(var(--u) * ${1 + 2 * depth})` }}>
                      <Link to={`/devices/${node.deviceId}`}>{node.name}</Link>
                    </td>
                    <td className="right num nowrap">{amount(node.value)}</td>
                    <td className="right num">{share(node.share)}</td>
                    <td className="right num nowrap">
                      {node.loss === null ? '—' : `${amount(node.loss)} · ${share(node.lossShare)}`}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          );
        }}
      </Loaded>
    </Panel>
  );
}
