import { useQuery } from '@tanstack/react-query';
import { Tooltip } from 'antd';
import { Link } from 'react-router';
import type { Source } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { formatCount, formatLoose } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useSaid } from '../../app/said.ts';
import { Age } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { rejectionWord } from '../../components/rejection-reason.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import type { Equation } from './equations.ts';
import { difference, holds, packetEquations, rejectedTotal, valueEquations } from './equations.ts';

const renewMs = 2_000;
/** Ten canaries are overdue. */
const lateMs = 10_000;

/** One equation with its figures, and whether both sides are equal. */
function EquationLine({ equation }: { equation: Equation }) {
  const t = useWords();
  const off = difference(equation);
  const equal = off === 0;
  return (
    <div className="equation">
      {equation.sides.map((side, index) => (
        <span key={side.map(({ word }) => word).join()} className="side">
          {index === 0 ? null : <b>=</b>}
          {side.map(({ word, count }, place) => (
            <span key={word} className="side">
              {place === 0 ? null : <span>+</span>}
              <span className="term">
                <b>{formatCount(count)}</b>
                <small>{t(`gateways.${word}`)}</small>
              </span>
            </span>
          ))}
        </span>
      ))}
      <Tooltip title={equal ? '' : t('gateways.unbalancedHint')}>
        <span className={equal ? 'tag' : 'tag alert'}>
          {equal ? '✓' : '≠'}{' '}
          {equal ? t('gateways.balanced') : t('gateways.unbalancedBy', { count: formatCount(off) })}
        </span>
      </Tooltip>
    </div>
  );
}

function Reasons({ source }: { source: Source }) {
  const t = useWords();
  const reasons = Object.entries(source.values.rejected).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  return (
    <div className="row wrap small">
      <span className="soft">{t('gateways.byReason')}</span>
      {reasons.map(([reason, count]) => (
        <Link
          key={reason}
          className="tag strong"
          to={`/gateways?tab=rejections&source=${source.source}&reason=${reason}`}
        >
          {rejectionWord(t, reason)} <b className="num">{formatCount(count)}</b>
        </Link>
      ))}
    </div>
  );
}

/** In words what it means when the figures do not come out even. */
function Unbalanced({ source }: { source: Source }) {
  const t = useWords();
  const equations = [...valueEquations(source), ...packetEquations(source)];
  if (source.balanced && equations.every(holds)) return null;
  return <p className="tag alert wrap">{t('gateways.unbalancedHint')}</p>;
}

/** What the canary has found of an external broker. */
function CanaryLine({ canary }: { canary: NonNullable<Source['canary']> }) {
  const t = useWords();
  const { lagMs, holes, sessionsLost, lostAt } = canary;
  const isLate = lagMs !== null && lagMs > lateMs;
  const hasLost = holes + sessionsLost > 0;
  return (
    <div className="row wrap small num" data-testid="canary">
      <Tooltip title={t('gateways.canaryHint')}>
        <span className="soft">{t('gateways.canary')}</span>
      </Tooltip>
      <span className={isLate ? 'tag alert' : 'soft'}>
        {t('gateways.canaryLag', { ms: lagMs === null ? '—' : formatCount(Math.round(lagMs)) })}
      </span>
      <span className={hasLost ? 'tag alert' : 'soft'}>
        {t('gateways.canaryLost', { holes: formatCount(holes), sessions: formatCount(sessionsLost) })}
      </span>
      {lostAt === null ? null : (
        <span className="soft">
          {t('gateways.canaryLostAt')} <Age time={lostAt} />
        </span>
      )}
    </div>
  );
}

/** How fast it goes, and what was wrong last. */
function Pace({ source }: { source: Source }) {
  const t = useWords();
  const said = useSaid();
  const { packetsPerS, lastError } = source;
  return (
    <div className="row wrap small">
      <span className="num">
        {packetsPerS === null ? '—' : t('gateways.pace', { n: formatLoose(packetsPerS, 1) })}
      </span>
      {lastError === null ? (
        <span className="soft">{t('gateways.noError')}</span>
      ) : (
        <span>
          <span className="soft">{t('gateways.lastError')}</span> <Age time={lastError.at} />{' '}
          {said(lastError.said, lastError.text)}
        </span>
      )}
    </div>
  );
}

function SourcePanel({ source }: { source: Source }) {
  const t = useWords();
  const said = useSaid();
  const { values, events, sequence } = source;
  return (
    <Panel
      title={
        <span className="row wrap">
          <span className="mono">{source.source}</span>
          <span className="tag">{source.protocol}</span>
          <span className={source.connected ? 'tag' : 'tag alert'}>
            {t(source.connected ? 'gateways.connected' : 'gateways.disconnected')}
          </span>
          <span className="soft small">{said(source.said, source.detail)}</span>
        </span>
      }
      actions={
        <span className="row">
          <span className="soft small">
            {t('gateways.lastAt')} <Age time={source.lastAt} />
          </span>
          <span className={source.balanced ? 'tag strong' : 'tag alert'} data-testid="balanced">
            {source.balanced ? '✓' : '≠'} {t('gateways.ledger')}{' '}
            {t(source.balanced ? 'gateways.balanced' : 'gateways.unbalanced')}
          </span>
        </span>
      }
    >
      <div className="ledger">
        <span className="soft">{t('gateways.values')}</span>
        <div>
          {valueEquations(source).map((equation) => (
            <EquationLine key={equation.name} equation={equation} />
          ))}
        </div>
        <span className="soft">{t('gateways.packets')}</span>
        <div>
          {packetEquations(source).map((equation) => (
            <EquationLine key={equation.name} equation={equation} />
          ))}
        </div>
      </div>
      <Pace source={source} />
      <Unbalanced source={source} />
      {source.canary === null ? null : <CanaryLine canary={source.canary} />}
      {rejectedTotal(source) === 0 ? null : <Reasons source={source} />}
      <div className="row wrap soft small num">
        <span>
          {t('gateways.corrected')} {formatCount(values.corrected)}
        </span>
        <span>
          {t('gateways.untimed')} {formatCount(values.untimed)}
        </span>
        <span>
          {t('gateways.events', { committed: formatCount(events.committed), duplicate: events.duplicate })}
        </span>
        <span>
          {t('gateways.sequence', {
            devices: sequence.devices,
            gaps: sequence.gaps,
            repeats: sequence.repeats,
          })}
        </span>
      </div>
    </Panel>
  );
}

/** Each source with its ledger: every value and packet is accounted for, and the equations are shown. */
export function Sources() {
  const t = useWords();
  const query = useQuery({ queryKey: keys.sources, queryFn: api.sources, refetchInterval: renewMs });
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title={t('gateways.noSources')} hint={t('gateways.noSourcesHint')} />
        ) : (
          <div className="stack">
            {items.map((source) => (
              <SourcePanel key={source.source} source={source} />
            ))}
          </div>
        )
      }
    </Loaded>
  );
}
