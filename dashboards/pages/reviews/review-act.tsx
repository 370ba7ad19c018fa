import { useState } from 'react';
import { Button } from 'antd';
import type { Review } from '#schemas/api/consumption.ts';
import { engineers } from '#schemas/roles.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/session.ts';
import { DecideReview, ReopenReview } from './decide-review.tsx';

type Act = 'decide' | 'reopen';

/** What an engineer can do with a case in its state; one that later data explains needs nobody. */
export function ReviewAct({ review }: { review: Review }) {
  const t = useWords();
  const mayDecide = useMay(engineers);
  const [doing, setDoing] = useState<Act | null>(null);
  const done = () => setDoing(null);
  const act: Act | null =
    review.state === 'open' ? 'decide' : review.state === 'superseded' ? null : 'reopen';
  return (
    <>
      {!mayDecide || act === null ? null : (
        <Button size="small" onClick={() => setDoing(act)}>
          {t(`reviews.${act}`)}
        </Button>
      )}
      {doing === 'decide' ? <DecideReview review={review} onClose={done} /> : null}
      {doing === 'reopen' ? <ReopenReview review={review} onClose={done} /> : null}
    </>
  );
}
