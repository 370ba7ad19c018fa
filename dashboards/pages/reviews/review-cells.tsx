import { Link } from 'react-router';
import type { Review } from '#schemas/api/consumption.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useParkTime } from '../../app/session.ts';

/** A quantity of a counter. */
export function amountText(value: number, unit: string): string {
  return `${formatLoose(value)} ${unitSign(unit)}`;
}

/** The two samples of a step, one below the other; a recorded register says which it is. */
export function ReviewStep({ review }: { review: Review }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { unit, leftOut } = review;
  return (
    <>
      {(['earlier', 'later'] as const).map((which) => {
        const { time, value, origin } = review[which];
        const sample = `${parkTime(time)} · ${amountText(value, unit)}`;
        return (
          <div key={which} className="num small">
            {which === 'later' ? '→ ' : ''}
            {leftOut === which ? <s>{sample}</s> : sample}
            {origin === 'sample' ? '' : ` (${t(`reviews.origin.${origin}`)})`}
          </div>
        );
      })}
    </>
  );
}

/** What has become of a case: who decided, when and why. */
export function ReviewOutcome({ review }: { review: Review }) {
  const t = useWords();
  const parkTime = useParkTime();
  const { state, decidedBy, decidedAt, reason, leftOut } = review;
  return (
    <>
      <div>
        <span className={state === 'open' ? 'tag strong' : 'tag'}>{t(`reviews.states.${state}`)}</span>
        {leftOut === null ? null : <span className="soft small"> {t(`reviews.leftOut.${leftOut}`)}</span>}
      </div>
      {decidedBy === null ? (
        <div className="soft small">{t('reviews.foundAt', { time: parkTime(review.foundAt, 'minute') })}</div>
      ) : (
        <div className="soft small">
          {t('reviews.decidedBy', { who: decidedBy, time: parkTime(decidedAt, 'minute') })}
        </div>
      )}
      {reason === null ? null : (
        <div className="small wrap-words">
          {state === 'open' ? t('reviews.takenBack', { reason }) : reason}
        </div>
      )}
    </>
  );
}

/** The device of a counter, and the counter on its page. */
export function ReviewPoint({ point }: { point: string }) {
  const [deviceId = '', metric = ''] = point.split('.');
  return (
    <>
      <Link to={`/devices/${deviceId}?point=${metric}`}>{deviceId}</Link>
      <div className="mono soft small">{metric}</div>
    </>
  );
}
