import type { Alarm } from '../../app/api.ts';
import { useBilingual } from '../../app/i18n.ts';
import { Quantity } from '../../components/quantity.tsx';

/** What raised an alarm: a state in its word, a number with its unit, or nothing where nothing was ever heard. */
export function AlarmValue({ alarm }: { alarm: Pick<Alarm, 'value' | 'state' | 'unit'> }) {
  const inLanguage = useBilingual();
  if (alarm.value === null) return <b>—</b>;
  if (alarm.state !== null) return <b title={alarm.state.key}>{inLanguage(alarm.state.name)}</b>;
  return <Quantity value={alarm.value} unit={alarm.unit} />;
}
