import type { RegisterRecord } from '#schemas/api/registers.ts';
import { useWords } from '../../app/i18n.ts';

/** Where a record stands in time: only what asks for somebody is coloured. */
export function StateMark({ record }: { record: RegisterRecord }) {
  const t = useWords();
  const { state, expiresSoon, from, until } = record;
  if (expiresSoon) return <span className="tag alert">{t('record.expiring')}</span>;
  // An event is over on its day, and nobody has to renew it.
  if (state === 'past' && from === until) return <span className="soft">—</span>;
  if (state === 'past') return <span className="tag alert">{t('record.past')}</span>;
  return <span className={state === 'in-force' ? '' : 'soft'}>{t(`record.${state}`)}</span>;
}
