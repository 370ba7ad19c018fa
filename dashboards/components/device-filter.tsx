import { Input } from 'antd';
import { useWords } from '../app/i18n.ts';
import { useScale } from '../app/theme.ts';

interface DeviceFilterProps {
  readonly value: string;
  /** Pixels on an ordinary screen. */
  readonly width?: number;
  readonly onSearch: (device: string) => void;
}

const defaultWidth = 200;

/** Narrows a list to one device; follows the value when it is reset elsewhere. */
export function DeviceFilter({ value, width = defaultWidth, onSearch }: DeviceFilterProps) {
  const t = useWords();
  const scale = useScale();
  return (
    <Input.Search
      key={value}
      allowClear
      defaultValue={value}
      placeholder={t('gateways.deviceFilter')}
      aria-label={t('gateways.deviceFilter')}
      style={{ width: width * scale }}
      onSearch={(device) => onSearch(device.trim())}
    />
  );
}
