import { Link } from 'react-router';
import type { Difference } from '../../app/api.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useParkText } from '../../app/session.ts';

type Item = Difference['items'][number];
type Cause = Item['causes'][number];

/** Where a cause can be looked at: a point's readings. */
function CauseName({ cause }: { cause: Cause }) {
  const both = useBilingual();
  const name = cause.name === null ? cause.id : both(cause.name);
  const [deviceId, metric] = cause.point?.split('.') ?? [];
  if (deviceId === undefined || metric === undefined) return <>{name}</>;
  return <Link to={`/devices/${deviceId}?point=${metric}`}>{name === '' ? cause.point : name}</Link>;
}

/** Before and after, in words; what is not there on one side is said by its absence. */
function CauseChange({ cause }: { cause: Cause }) {
  const t = useWords();
  const said = useParkText();
  const { before, after, late, corrections } = cause;
  return (
    <>
      <span className="soft">{before === null ? t('assessment.causeNothing') : said(before)}</span>
      {' → '}
      <span>{after === null ? t('assessment.causeNothing') : said(after)}</span>
      {late === 0 && corrections === 0 ? null : (
        <div className="soft small num">{t('assessment.causeReadings', { late, corrections })}</div>
      )}
    </>
  );
}

/** Why an item earns other points: device by device, record by record. */
export function CauseList({ item }: { item: Item }) {
  const t = useWords();
  return (
    <>
      {item.isExplainedByFacts ? null : <p className="soft small">{t('assessment.factsDropped')}</p>}
      <dl className="facts">
        {item.causes.map((cause, index) => (
          <div key={`${cause.kind} ${cause.id} ${index}`} style={{ display: 'contents' }}>
            <dt>
              <span className="tag">{t(`assessment.cause.${cause.kind}`)}</span> <CauseName cause={cause} />
            </dt>
            <dd>
              <CauseChange cause={cause} />
            </dd>
          </div>
        ))}
      </dl>
      {item.moreCauses === 0 ? null : (
        <p className="soft small">{t('assessment.moreCauses', { count: item.moreCauses })}</p>
      )}
    </>
  );
}
