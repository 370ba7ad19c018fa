import type { ReactNode } from 'react';
import { Tabs } from 'antd';
import { useFilters } from '../app/filters.ts';

interface UrlTab {
  readonly key: string;
  readonly label: ReactNode;
  readonly children: ReactNode;
}

/** Tabs whose choice stands in the address. */
export function UrlTabs({ tabs }: { tabs: readonly UrlTab[] }) {
  const { values, set } = useFilters(['tab'] as const);
  const chosen = tabs.find(({ key }) => key === values.tab) ?? tabs[0];
  return (
    <>
      <Tabs
        activeKey={chosen?.key ?? ''}
        items={tabs.map(({ key, label }) => ({ key, label }))}
        onChange={(key) => set({ tab: key === tabs[0]?.key ? null : key })}
      />
      {chosen?.children}
    </>
  );
}
