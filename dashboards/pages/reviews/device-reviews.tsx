import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { consumptionApi } from '../../app/consumption-api.ts';
import { useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { ReviewAct } from './review-act.tsx';
import { amountText, ReviewOutcome, ReviewStep } from './review-cells.tsx';

const most = 5;
const renewMs = 60_000;

/** The newest implausible steps of a device's counters; nothing where there never was one. */
export function DeviceReviews({ deviceId }: { deviceId: string }) {
  const t = useWords();
  const { data } = useQuery({
    queryKey: ['consumption', 'reviews', 'device', deviceId],
    queryFn: () => consumptionApi.reviews({ device: deviceId, limit: most }),
    refetchInterval: renewMs,
  });
  if (data === undefined || data.items.length === 0) return null;
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
        {data.items.map((review) => (
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
