import type { Severity } from '#schemas/device-class.ts';
import { useWords } from '../app/i18n.ts';

/** Shapes by severity, so that colour never stands alone: diamond, triangle, square, circle. */
const shapes: Readonly<Record<Severity, string>> = {
  critical: 'M8 0.500 15.500 8 8 15.500 0.500 8Z',
  high: 'M8 1 15.500 14.500H0.500Z',
  medium: 'M1.500 1.500H14.500V14.500H1.500Z',
  low: 'M8 1a7 7 0 1 1 0 14a7 7 0 1 1 0-14Z',
};

interface SeverityMarkProps {
  readonly severity: Severity;
  /** Unacknowledged is filled, acknowledged outlined. */
  readonly acknowledged?: boolean;
  readonly wordless?: boolean;
  /** Blinks only while critical and unacknowledged. */
  readonly blink?: boolean;
}

/** A severity as colour, shape and word. */
export function SeverityMark({ severity, acknowledged = false, wordless, blink }: SeverityMarkProps) {
  const t = useWords();
  const blinking = blink === true && severity === 'critical' && !acknowledged;
  return (
    <span className={`severity ${severity}${blinking ? ' blink' : ''}`}>
      <svg viewBox="0 0 16 16" role="img" aria-label={t(`severity.${severity}`)}>
        <path
          d={shapes[severity]}
          fill={acknowledged ? 'none' : 'currentColor'}
          stroke="currentColor"
          strokeWidth="2"
          strokeLinejoin="round"
        />
      </svg>
      {wordless === true ? null : t(`severity.${severity}`)}
    </span>
  );
}
