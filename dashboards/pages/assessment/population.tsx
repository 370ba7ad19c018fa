import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Switch, Table } from 'antd';
import { Link } from 'react-router';
import type { Evidence } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { useParkText } from '../../app/session.ts';
import { ProvenanceMark } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { EmptyState } from '../../components/states.tsx';
import { periodOfBody } from './evidence-body.ts';

type Member = Evidence['population'][number];

const standingWords = {
  counted: 'evidence.counted',
  'not-counted': 'evidence.notCounted',
  excluded: 'evidence.excluded',
} as const satisfies Record<Member['standing'], string>;

/** The readings of a member over the period of the evidence. */
function readingsPath({ deviceId, point }: Member, period: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(period);
  if (point !== null) query.set('point', point.slice(point.indexOf('.') + 1));
  // A place is shown by the readings of a device in it.
  const device = point === null ? deviceId : point.slice(0, point.indexOf('.'));
  return `/devices/${device}?${query.toString()}`;
}

/** Records and claims are named `register/code`, which no device and no space can be. */
const isRecord = ({ deviceId }: Member): boolean => deviceId.includes('/');

/** A declared place, counted by the devices in it. */
const isSpace = (member: Member): boolean => member.class === 'space';

function memberPath(member: Member): string {
  if (isSpace(member)) return `/spaces?space=${member.deviceId}`;
  if (!isRecord(member)) return `/devices/${member.deviceId}`;
  const [register = '', code = ''] = member.deviceId.split('/');
  return register === 'claim' ? '/claims' : `/registers/${register}?open=${code}`;
}

/** What a member is: a claim, a record by its register, else a device by its class. */
function useKindName(): (kind: string) => string {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  const { data } = useQuery({ queryKey: keys.registers, queryFn: registerApi.registers });
  return (kind) => {
    if (kind === 'claim') return t('claim.title');
    const register = data?.items.find((each) => each.kind === kind);
    return register === undefined ? className(kind) : both(register.name);
  };
}

function useColumns(period: Readonly<Record<string, string>>) {
  const t = useWords();
  const said = useParkText();
  const kindName = useKindName();
  return [
    {
      title: t('evidence.member'),
      key: 'member',
      render: (_: unknown, member: Member) => (
        <>
          <Link to={memberPath(member)}>{member.name}</Link> <ProvenanceMark provenance={member.provenance} />
          <div className="soft small mono">{member.deviceId}</div>
        </>
      ),
    },
    {
      title: t('common.class'),
      key: 'class',
      width: '14%',
      render: (_: unknown, member: Member) => (isSpace(member) ? t('devices.space') : kindName(member.class)),
    },
    {
      title: t('evidence.counted'),
      key: 'standing',
      width: '11%',
      render: (_: unknown, { standing }: Member) => (
        <span className={standing === 'not-counted' ? 'tag alert' : standing === 'excluded' ? 'tag' : ''}>
          {t(standingWords[standing])}
        </span>
      ),
    },
    {
      title: t('evidence.why'),
      key: 'why',
      width: '38%',
      render: (_: unknown, member: Member) => said(member.reason),
    },
    {
      title: '',
      key: 'readings',
      width: '10%',
      align: 'right' as const,
      render: (_: unknown, member: Member) =>
        isRecord(member) || (isSpace(member) && member.point === null) ? null : (
          <Link to={readingsPath(member, period)}>{t('evidence.readings')}</Link>
        ),
    },
  ];
}

/** Who was counted, who was not, and why; each leads to the readings of the period. */
export function Population({ evidence }: { evidence: Evidence }) {
  return <PopulationPanel population={evidence.population} period={periodOfBody(evidence.body)} />;
}

interface PopulationProps {
  readonly population: readonly Member[];
  readonly period: Readonly<Record<string, string>>;
  /** What a member that is no record opens to. */
  readonly expand?: (member: Member) => ReactNode;
}

/** Members with their standing; those that do not count are found by one switch. */
export function PopulationPanel({ population, period, expand }: PopulationProps) {
  const t = useWords();
  const { values, set } = useFilters(['out'] as const);
  const columns = useColumns(period);
  const out = values.out === '1';
  const shown = population.filter(({ counted }) => !out || !counted);
  const within = population.filter(({ standing }) => standing !== 'excluded').length;
  return (
    <Panel
      title={t('evidence.population')}
      actions={
        <>
          <span className="num">
            {t('evidence.counts', {
              counted: population.filter(({ counted }) => counted).length,
              of: within,
            })}
          </span>
          <label className="row">
            <Switch size="small" checked={out} onChange={(on) => set({ out: on ? '1' : null })} />
            {t('evidence.onlyOut')}
          </label>
        </>
      }
    >
      {population.length === 0 ? (
        <EmptyState title={t('evidence.noMembers')} />
      ) : (
        <Table<Member>
          size="small"
          rowKey={(member) => `${member.deviceId}/${member.point}`}
          pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
          dataSource={shown}
          columns={columns}
          {...(expand === undefined
            ? {}
            : {
                expandable: {
                  expandedRowRender: expand,
                  rowExpandable: (member) => !isRecord(member),
                },
              })}
        />
      )}
    </Panel>
  );
}
