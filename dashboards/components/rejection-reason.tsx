import { packetReasons, valueReasons } from '#schemas/reading.ts';
import { useWords, type Translate } from '../app/i18n.ts';

export const rejectionReasons = [...packetReasons, ...valueReasons] as const;

/** Why in words; a code of another version stands for itself. */
export function rejectionWord(t: Translate, reason: string): string {
  const known = rejectionReasons.find((each) => each === reason);
  return known === undefined ? reason : t(`rejection.${known}`);
}

/** Why in words, with the code that filters and logs know; a code of another version stands alone. */
export function RejectionReason({ reason }: { reason: string }) {
  const t = useWords();
  const known = rejectionReasons.find((each) => each === reason);
  return (
    <>
      {known === undefined ? null : <div>{t(`rejection.${known}`)}</div>}
      <span className="mono soft small">{reason}</span>
    </>
  );
}
