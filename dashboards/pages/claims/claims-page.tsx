import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { App, Button, Select } from 'antd';
import { Link } from 'react-router';
import type { Claim } from '#schemas/api/claims.ts';
import { engineers } from '#schemas/roles.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { registerApi } from '../../app/register-api.ts';
import { useMay } from '../../app/session.ts';
import { CommentModal } from '../../components/comment-modal.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { useNotify } from '../../components/notify.ts';
import { ProvenanceMark } from '../../components/marks.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState } from '../../components/states.tsx';
import { Documents } from '../registers/documents-field.tsx';
import { ClaimModal } from './claim-form.tsx';

const filters = ['rubric', 'item', 'state'] as const;
const states = ['pending', 'approved', 'refused', 'withdrawn'] as const;

/** What is claimed, in short. */
function Content({ claim: { content, names } }: { claim: Claim }) {
  const both = useBilingual();
  const { grade, value, unit, quantities } = content;
  const nameOf = (id: string) => (names[id] === undefined ? id : both(names[id]));
  const parts = [
    ...(grade === undefined ? [] : [nameOf(grade)]),
    ...(value === undefined ? [] : [`${formatLoose(value, 4)} ${unit ?? ''}`.trim()]),
    ...Object.entries(quantities ?? {}).map(([id, number]) => `${nameOf(id)} ${number}`),
  ];
  return <span>{parts.join(', ')}</span>;
}

function ClaimState({ claim }: { claim: Claim }) {
  const t = useWords();
  const { state, inForce, expiresSoon, decider, decisionReason, withdrawalReason } = claim;
  const isOver = state === 'approved' && !inForce;
  const reason = state === 'withdrawn' ? withdrawalReason : decisionReason;
  return (
    <>
      <span className={state === 'pending' || expiresSoon ? 'tag alert' : inForce ? 'tag' : 'soft'}>
        {t(isOver ? 'claim.expired' : inForce ? 'claim.inForce' : `claim.${state}`)}
      </span>
      {decider === null ? null : <span className="soft small"> {decider}</span>}
      {reason === null ? null : <div className="soft small">{reason}</div>}
    </>
  );
}

/** A second person decides; the author, and who already decided, may take a claim back. */
function Acts({ claim }: { claim: Claim }) {
  const t = useWords();
  const both = useBilingual();
  const client = useQueryClient();
  const notify = useNotify();
  const mayEdit = useMay(engineers);
  const { modal } = App.useApp();
  const [asking, setAsking] = useState<'refuse' | 'withdraw' | null>(null);
  const { id, author, state, mayDecide } = claim;
  const name = claim.name === null ? claim.item : both(claim.name);
  const renew = () =>
    Promise.all([keys.claims, keys.assessment].map((queryKey) => client.invalidateQueries({ queryKey })));
  const approve = () => {
    void modal.confirm({
      title: t('claim.approveTitle', { name }),
      content: t('claim.approveBody', { who: author }),
      okText: t('claim.approve'),
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await registerApi.approve(id);
          notify.done(t('claim.decided'));
          await renew();
        } catch (error) {
          notify.failed(error);
        }
      },
    });
  };
  if (!mayEdit || (state !== 'pending' && state !== 'approved')) return null;
  return (
    <span className="row">
      {mayDecide ? (
        <>
          <Button size="small" type="primary" onClick={approve}>
            {t('claim.approve')}
          </Button>
          <Button size="small" onClick={() => setAsking('refuse')}>
            {t('claim.refuse')}
          </Button>
        </>
      ) : state === 'pending' ? (
        <span className="soft small">{t('claim.own')}</span>
      ) : null}
      <Button size="small" onClick={() => setAsking('withdraw')}>
        {t('claim.withdraw')}
      </Button>
      {asking === null ? null : (
        <CommentModal
          title={`${t(`claim.${asking}`)} · ${name}`}
          body={claim.statement}
          label={t('claim.reason')}
          hint={t('claim.reasonHint')}
          action={t(`claim.${asking}`)}
          onClose={() => setAsking(null)}
          onSubmit={async (reason) => {
            await (asking === 'refuse'
              ? registerApi.refuse(id, reason)
              : registerApi.withdrawClaim(id, reason));
            notify.done(t('claim.decided'));
            await renew();
          }}
        />
      )}
    </span>
  );
}

function useColumns(): TableColumnsType<Claim> {
  const t = useWords();
  const both = useBilingual();
  return [
    {
      title: t('claim.item'),
      key: 'item',
      width: '17%',
      render: (_, claim) => (
        <>
          <div>{claim.name === null ? claim.item : both(claim.name)}</div>
          <span className="soft small mono">{claim.item}</span>
        </>
      ),
    },
    {
      title: t('claim.claimed'),
      key: 'content',
      width: '8%',
      render: (_, claim) => <Content claim={claim} />,
    },
    {
      title: t('claim.statement'),
      key: 'statement',
      render: (_, claim) => (
        <>
          <div style={{ whiteSpace: 'pre-line' }}>{claim.statement}</div>
          {claim.provenance === 'field' ? null : (
            <div>
              <ProvenanceMark provenance={claim.provenance} />
            </div>
          )}
          {claim.documents.length === 0 ? null : <Documents documents={claim.documents} />}
          <span className="soft small">
            {t('claim.author')} {claim.author}
          </span>
        </>
      ),
    },
    {
      title: t('record.days'),
      key: 'days',
      width: 190,
      render: (_, claim) => <span className="num small">{`${claim.from} – ${claim.until}`}</span>,
    },
    {
      title: t('claim.state'),
      key: 'state',
      width: '11%',
      render: (_, claim) => <ClaimState claim={claim} />,
    },
    { title: '', key: 'acts', width: 230, render: (_, claim) => <Acts claim={claim} /> },
  ];
}

/** What people vouch for: who claims it, on what it rests, who approved it, and until when it stands. */
export function ClaimsPage() {
  const t = useWords();
  const mayEdit = useMay(engineers);
  const { values, set, any, reset } = useFilters(filters);
  const [adding, setAdding] = useState(false);
  const { rubric, item, state } = values;
  const list = usePages<Claim>({
    queryKey: [...keys.claims, 'list'],
    load: registerApi.claims,
    query: { rubric, item, state },
    limit: 100,
  });
  const columns = useColumns();
  return (
    <Page
      fill
      title={t('claim.title')}
      beside={item === '' ? null : <span className="mono soft">{item}</span>}
      actions={
        mayEdit && item !== '' && rubric !== '' ? (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('claim.add')}
          </Button>
        ) : null
      }
    >
      <div className="row">
        <Link to={rubric === '' ? '/assessment' : `/assessment/${rubric}`}>{t('nav.assessment')}</Link>
        <Select
          style={{ width: '12.9em' }}
          aria-label={t('claim.state')}
          value={state}
          onChange={(chosen) => set({ state: chosen })}
          options={[
            { value: '', label: t('common.all') },
            ...states.map((each) => ({ value: each, label: t(`claim.${each}`) })),
          ]}
        />
        {any ? <Button onClick={reset}>{t('common.reset')}</Button> : null}
      </div>
      <ListTable
        list={list}
        columns={columns}
        minWidth={1_040}
        empty={
          <EmptyState
            title={t(any ? 'claim.emptyFilter' : 'claim.empty')}
            hint={any ? undefined : t('claim.emptyHint')}
          />
        }
      />
      {adding ? <ClaimModal rubric={rubric} item={item} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}
