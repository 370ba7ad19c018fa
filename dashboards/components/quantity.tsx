import { formatQuantity } from '../app/format.ts';
import { useWords } from '../app/i18n.ts';

interface QuantityProps {
  readonly value: number;
  readonly unit: string;
  /** Absent: as many digits as it needs. */
  readonly decimals?: number;
}

/** A number and its unit beside it; the exact value on hover where the text rounds it. */
export function Quantity(props: QuantityProps) {
  const { text, unit, exact } = formatQuantity(useWords(), props);
  return (
    <>
      <b title={exact}>{text}</b>
      {unit === '' ? null : <span className="unit">{unit}</span>}
    </>
  );
}
