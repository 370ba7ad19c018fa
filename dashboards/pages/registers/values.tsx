import { Link } from 'react-router';
import type { RecordField, RecordValue } from '#schemas/registers/field.ts';
import { formatLoose, unitSign } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';

const moneyUnit = '10k-CNY';

/** The unit of a field as people read it. */
export function useUnitName(): (unit: string | null) => string {
  const t = useWords();
  return (unit) => {
    if (unit === null) return '';
    return unit === moneyUnit ? t('record.tenThousandYuan') : unitSign(unit);
  };
}

/** A value of a record in words, with its unit; a reference leads to what it names. */
export function RecordValueView({ field, value }: { field: RecordField; value: RecordValue | undefined }) {
  const t = useWords();
  const both = useBilingual();
  const unitName = useUnitName();
  if (value === undefined) return <span className="soft">—</span>;
  if (typeof value === 'boolean') return <>{t(value ? 'common.yes' : 'common.no')}</>;
  if (typeof value === 'number') {
    const unit = field.type === 'number' ? unitName(field.unit) : '';
    return (
      <span className="num">
        {formatLoose(value, 4)} {unit === '' ? null : <span className="unit">{unit}</span>}
      </span>
    );
  }
  const nameOf = (id: string) => {
    const option = 'options' in field ? field.options.find((known) => known.id === id) : undefined;
    return option === undefined ? id : both(option.name);
  };
  if (typeof value !== 'string') return <>{value.map(nameOf).join(t('common.listSign'))}</>;
  if (field.type === 'record') return <Link to={`/registers/${field.kind}?open=${value}`}>{value}</Link>;
  if (field.type === 'space') return <Link to={`/spaces?space=${value}`}>{value}</Link>;
  const isLines = field.type === 'text' && field.lines;
  return <span style={isLines ? { whiteSpace: 'pre-line' } : undefined}>{nameOf(value)}</span>;
}
