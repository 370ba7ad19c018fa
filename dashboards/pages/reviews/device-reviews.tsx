import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { consumptionApi } from '../../app/consumption-api.ts';
import { useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { ReviewAct } from './review-act.tsx';
import { amountText, ReviewOutcome, ReviewStep } from './review-cells.tsx';

const most = 5;
/** Those of other counters are left aside. */
const read = 50;
const renewMs = 60_000;

interface DeviceReviewsProps {
  readonly deviceId: string;
  /** Which of its counters, as keys with commas between. */
  readonly points: string;
}

/** The newest implausible steps of a device's counters; nothing where there never was one. */
export function DeviceReviews({ deviceId, points }: DeviceReviewsProps) {
  const t = useWords();
  const { data } = useQuery({
    queryKey: ['consumption', 'reviews', 'device', deviceId],
    queryFn: () => consumptionApi.reviews({ device: deviceId, limit: read }),
    refetchInterval: renewMs,
  });
  const cases = (data?.items ?? []).filter(({ point }) => points.split(',').includes(point)).slice(0, most);
  if (cases.length === 0) return null;
  return (
    <Panel
      title={t('reviews.title')}
      actions={
        <Link className="small" to={`/gateways?tab=reviews&state=any&device=${deviceId}`}>
          {t('reviews.all')}
        </Link>
      }
    >
      <p className="soft small">{t('reviews.panelHint')}</p>
      <div className="lines" data-testid="reviews">
        {cases.map((review) => (
          <div key={review.id} className="row top">
            <div className="grow">
              <div className="small">
                <span className="mono">{review.point.split('.')[1]}</span> ·{' '}
                <span className="num">
                  {t('reviews.claimed')} {amountText(review.claimed, review.unit)}
                </span>
              </div>
              <ReviewStep review={review} />
              <ReviewOutcome review={review} />
            </div>
            <ReviewAct review={review} />
          </div>
        ))}
      </div>
    </Panel>
  );
}
