import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { Link, useParams } from 'react-router';
import type { Evidence } from '../../app/api.ts';
import { api, evidenceInputUrl } from '../../app/api.ts';
import { formatCount, formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useParkTime, useParkText } from '../../app/session.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { factsOf, periodOfBody } from './evidence-body.ts';
import { pointsText } from './figures.ts';
import { useUnit } from './units.ts';
import { Population } from './population.tsx';
import { usePeriodText } from './period.ts';

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

/** The result first: what was measured, from how much, and what it earns. */
function Result({ evidence }: { evidence: Evidence }) {
  const t = useWords();
  const both = useBilingual();
  const said = useParkText();
  const unitOf = useUnit();
  const facts = factsOf(evidence.body);
  return (
    <Panel title={facts.name === null ? evidence.item : both(facts.name)}>
      <dl className="facts">
        <dt>{t('assessment.points')}</dt>
        <dd className="num">
          <b>{facts.points === null ? t('assessment.undetermined') : pointsText(facts.points)}</b>
          <span className="soft"> / {facts.maximum ?? '—'}</span>
        </dd>
        <dt>{t('assessment.value')}</dt>
        <dd className="value num">
          <b>{facts.value === null ? '—' : formatLoose(facts.value, 2)}</b>
          <span className="unit">{unitOf(facts.unit)}</span>
          {facts.counted === null || facts.of === null ? null : (
            <span className="soft">
              {' · '}
              {t('evidence.counts', { counted: facts.counted, of: facts.of })}
            </span>
          )}
        </dd>
        <dt>{t('assessment.completeness')}</dt>
        <dd className="num">
          {facts.completeness === null ? '—' : `${formatLoose(facts.completeness * 100, 1)} %`}
        </dd>
        <dt>{t('common.reason')}</dt>
        <dd>{facts.reason === null ? '—' : said(facts.reason)}</dd>
        <dt>{t('assessment.clause')}</dt>
        <dd>
          {facts.clause ?? '—'}{' '}
          {facts.edition === null ? null : (
            <span className="tag">{t('assessment.edition', { edition: facts.edition })}</span>
          )}
        </dd>
        <dt>{t('evidence.storedBy')}</dt>
        <dd>{facts.storedBy ?? '—'}</dd>
      </dl>
    </Panel>
  );
}

function Inputs({ evidence }: { evidence: Evidence }) {
  const t = useWords();
  return (
    <Panel title={t('evidence.inputs')}>
      <p className="soft small">{t('evidence.inputsHint')}</p>
      <div className="lines">
        {evidence.inputs.map(({ name, sha256, bytes }) => (
          <div key={sha256} className="row wrap">
            <span>{name}</span>
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
  const both = useBilingual();
  const periodText = usePeriodText();
  const { evidenceId = '' } = useParams();
  const query = useQuery({
    queryKey: [...keys.evidence, evidenceId],
    queryFn: () => api.evidence(evidenceId),
    refetchInterval: ({ state }) => (state.data?.seq === null ? sealPollMs : false),
  });
  const evidence = query.data;
  const period = evidence === undefined ? {} : periodOfBody(evidence.body);
  const sealedName = evidence === undefined ? null : factsOf(evidence.body).name;
  const name = sealedName === null ? '' : both(sealedName);
  return (
    <Page
      title={name === '' ? t('evidence.title') : `${t('evidence.title')} · ${name}`}
      beside={
        <>
          <span className="mono soft">{evidence?.item}</span>
          {period.from === undefined || period.to === undefined ? null : (
            <span className="soft num">{periodText({ from: period.from, to: period.to })}</span>
          )}
        </>
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
            {factsOf(row.body).demo ? <Alert type="warning" showIcon title={t('evidence.demo')} /> : null}
            <div className="split">
              <Result evidence={row} />
              <Seal evidence={row} />
            </div>
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
