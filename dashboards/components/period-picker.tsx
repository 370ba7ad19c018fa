import { DatePicker } from 'antd';
import { useSession } from '../app/session.ts';
import { instantOf, pickerDate } from './dates.ts';

interface PeriodPickerProps {
  /** RFC 3339, empty for open. */
  readonly from: string;
  readonly to: string;
  readonly onChange: (period: { from: string | null; to: string | null }) => void;
}

/** A period in the park's wall time. */
export function PeriodPicker({ from, to, onChange }: PeriodPickerProps) {
  const { timeZone } = useSession();
  return (
    <DatePicker.RangePicker
      showTime={{ format: 'HH:mm' }}
      format="YYYY-MM-DD HH:mm"
      allowEmpty={[true, true]}
      value={[pickerDate(from, timeZone), pickerDate(to, timeZone)]}
      onChange={(dates) =>
        onChange({ from: instantOf(dates?.[0], timeZone), to: instantOf(dates?.[1], timeZone) })
      }
    />
  );
}
