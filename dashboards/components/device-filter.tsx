import { Input } from 'antd';
import { useWords } from '../app/i18n.ts';

interface DeviceFilterProps {
  readonly value: string;
  /** Pixels. */
  readonly width?: number;
  readonly onSearch: (device: string) => void;
}

const defaultWidth = 200;

/** Narrows a list to one device; follows the value when it is reset elsewhere. */
export function DeviceFilter({ value, width = defaultWidth, onSearch }: DeviceFilterProps) {
  const t = useWords();
  return (
    <Input.Search
      key={value}
      allowClear
      defaultValue={value}
      placeholder={t('gateways.deviceFilter')}
      aria-label={t('gateways.deviceFilter')}
      style={{ width }}
      onSearch={(device) => onSearch(device.trim())}
    />
  );
}
