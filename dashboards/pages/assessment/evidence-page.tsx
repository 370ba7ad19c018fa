import { useQuery } from '@tanstack/react-query';
import { Alert, Switch, Table } from 'antd';
import { Link, useParams } from 'react-router';
import type { Evidence } from '../../app/api.ts';
import { api, evidenceInputUrl } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatCount } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames } from '../../app/lookups.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime } from '../../app/session.ts';
import { ProvenanceMark } from '../../components/marks.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { periodOfBody } from './evidence-body.ts';

const sealPollMs = 2_000;

/** Position and hashes in the sealed journal; before the seal, that it is coming. */
function Seal({ evidence }: { evidence: Evidence }) {
  const t = useWords();
  const parkTime = useParkTime();
  const sealed = evidence.seq !== null;
  return (
    <Panel
      title={
        <span className={sealed ? 'tag strong' : 'tag'} data-testid="seal">
          {sealed ? `✓ ${t('evidence.sealed')}` : t('evidence.waiting')}
        </span>
      }
    >
      {sealed ? (
        <dl className="facts">
          <dt>{t('evidence.seq')}</dt>
          <dd className="num">{evidence.seq}</dd>
          <dt>{t('evidence.sealedAt')}</dt>
          <dd className="num">{parkTime(evidence.sealedAt)}</dd>
          <dt>{t('evidence.hash')}</dt>
          <dd className="mono">{evidence.hash}</dd>
          <dt>{t('evidence.prev')}</dt>
          <dd className="mono">{evidence.prev}</dd>
        </dl>
      ) : (
        <p className="soft">{t('evidence.waitingHint')}</p>
      )}
    </Panel>
  );
}

type Member = Evidence['population'][number];

/** Who was counted, who was not, and why; each leads to the readings of the period. */
function Population({ evidence }: { evidence: Evidence }) {
  const t = useWords();
  const both = useBilingual();
  const className = useClassNames();
  const { values, set } = useFilters(['out'] as const);
  const period = periodOfBody(evidence.body);
  const { population } = evidence;
  const out = values.out === '1';
  const shown = population.filter(({ counted }) => !out || !counted);
  const readings = ({ deviceId, point }: Member) => {
    const query = new URLSearchParams(period);
    if (point !== null) query.set('point', point.slice(point.indexOf('.') + 1));
    return `/devices/${deviceId}?${query.toString()}`;
  };
  return (
    <Panel
      title={t('evidence.population')}
      actions={
        <>
          <span className="num">
            {t('evidence.counts', {
              counted: population.filter(({ counted }) => counted).length,
              of: population.length,
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
          columns={[
            {
              title: t('evidence.member'),
              key: 'member',
              render: (_, member) => (
                <>
                  <Link to={`/devices/${member.deviceId}`}>{member.name}</Link>{' '}
                  <ProvenanceMark provenance={member.provenance} />
                  <div className="soft small mono">{member.deviceId}</div>
                </>
              ),
            },
            {
              title: t('common.class'),
              key: 'class',
              width: '14%',
              render: (_, member) => className(member.class),
            },
            {
              title: t('evidence.counted'),
              key: 'counted',
              width: '11%',
              render: (_, member) => (
                <span className={member.counted ? '' : 'tag alert'}>
                  {t(member.counted ? 'evidence.counted' : 'evidence.notCounted')}
                </span>
              ),
            },
            {
              title: t('evidence.why'),
              key: 'why',
              width: '38%',
              render: (_, member) => both(member.reason),
            },
            {
              title: '',
              key: 'readings',
              width: '10%',
              align: 'right',
              render: (_, member) => <Link to={readings(member)}>{t('evidence.readings')}</Link>,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Inputs({ evidence }: { evidence: Evidence }) {
  const t = useWords();
  return (
    <Panel title={t('evidence.inputs')}>
      <p className="soft small">{t('evidence.inputsHint')}</p>
      <div className="lines">
        {evidence.inputs.map(({ sha256, bytes }) => (
          <div key={sha256} className="row wrap">
            <span className="mono grow">{sha256}</span>
            <span className="num soft">{t('evidence.bytes', { bytes: formatCount(bytes) })}</span>
            <a href={evidenceInputUrl(evidence.id, sha256)} download={`${sha256}.json`}>
              {t('evidence.download')}
            </a>
          </div>
        ))}
      </div>
    </Panel>
  );
}

/** One immutable row: its seal, who was counted and why, its inputs, and the bytes the hash covers. */
export function EvidencePage() {
  const t = useWords();
  const parkTime = useParkTime();
  const { evidenceId = '' } = useParams();
  const query = useQuery({
    queryKey: [...keys.evidence, evidenceId],
    queryFn: () => api.evidence(evidenceId),
    refetchInterval: ({ state }) => (state.data?.seq === null ? sealPollMs : false),
  });
  const evidence = query.data;
  const period = evidence === undefined ? {} : periodOfBody(evidence.body);
  return (
    <Page
      title={`${t('evidence.title')}${evidence === undefined ? '' : ` ${evidence.item}`}`}
      beside={
        'from' in period ? (
          <span className="soft num">
            {parkTime(period.from, 'day')} – {parkTime(period.to, 'day')}
          </span>
        ) : null
      }
      actions={
        evidence === undefined ? null : (
          <Link to={`/assessment/${evidence.rubricId}?${new URLSearchParams(period).toString()}`}>
            {t('evidence.backToScore')}
          </Link>
        )
      }
    >
      <Loaded query={query}>
        {(row) => (
          <>
            {row.population.some(({ provenance }) => provenance !== 'field') ? (
              <Alert type="warning" showIcon title={t('evidence.demo')} />
            ) : null}
            <Seal evidence={row} />
            <Population evidence={row} />
            <Inputs evidence={row} />
            <Panel title={t('evidence.body')}>
              <p className="soft small">{t('evidence.bodyHint')}</p>
              <pre className="payload mono">{JSON.stringify(row.body, null, 2)}</pre>
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}
