import { useLayoutEffect, useState } from 'react';
import { QueryClientProvider } from '@tanstack/react-query';
import { App as AntdApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { RouterProvider } from 'react-router';
import { usePreferences } from './preferences.ts';
import { createQueryClient } from './queries.ts';
import { createRouter } from './router.tsx';
import { antdTheme, paletteVariables, useMode, useScale } from './theme.ts';

/** Language, theme, data and routes around every page. */
export function App() {
  const mode = useMode();
  const scale = useScale();
  const language = usePreferences((preferences) => preferences.language);
  const [client] = useState(createQueryClient);
  const [router] = useState(createRouter);
  useLayoutEffect(() => {
    const { style } = document.documentElement;
    style.colorScheme = mode;
    for (const [name, colour] of Object.entries(paletteVariables(mode))) style.setProperty(name, colour);
  }, [mode]);
  return (
    <ConfigProvider
      locale={language === 'en' ? enUS : zhCN}
      theme={antdTheme(mode, scale)}
      button={{ autoInsertSpace: false }}
    >
      <AntdApp style={{ height: '100%' }}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntdApp>
    </ConfigProvider>
  );
}
