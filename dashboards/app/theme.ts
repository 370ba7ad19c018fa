import { useSyncExternalStore } from 'react';
import type { ThemeConfig } from 'antd';
import { theme } from 'antd';
import type { Severity } from '#schemas/device-class.ts';
import type { Mode } from './preferences.ts';
import { usePreferences } from './preferences.ts';

/** Highest first, as tables and the alarm bar order them. */
export const severityOrder = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Severity[];

/**
 * A calm grey base; colour is kept for what is not normal (ISA-101). Every text colour stands at 4.5:1 or more on
 * the surfaces of its mode.
 */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly raised: string;
  readonly line: string;
  readonly text: string;
  readonly textSoft: string;
  readonly action: string;
  /** Of words: readable as text. */
  readonly severity: Readonly<Record<Severity, string>>;
  /** Of shapes and bars: purer, 3:1 or more. */
  readonly shape: Readonly<Record<Severity, string>>;
  readonly uncertain: string;
}

export const palettes: Readonly<Record<Mode, Palette>> = {
  dark: {
    page: '#15181b',
    surface: '#1d2125',
    raised: '#262b30',
    line: '#3a4148',
    text: '#dde1e5',
    textSoft: '#a3acb4',
    action: '#8fb4d1',
    severity: { critical: '#ff6b6b', high: '#ff9f45', medium: '#f2d04b', low: '#4fd0e4' },
    shape: { critical: '#ff5252', high: '#ff9f45', medium: '#f2d04b', low: '#4fd0e4' },
    uncertain: '#c3b58a',
  },
  light: {
    page: '#e9ebed',
    surface: '#f7f8f9',
    raised: '#ffffff',
    line: '#c6ccd1',
    text: '#1f262c',
    textSoft: '#545e67',
    action: '#2c5f86',
    severity: { critical: '#c4121f', high: '#a84700', medium: '#735a00', low: '#066e82' },
    shape: { critical: '#d81f2a', high: '#cf5f00', medium: '#a67c00', low: '#0b8da6' },
    uncertain: '#6f5d1f',
  },
};

/** From this width on (a 4K screen at 100 %) everything is drawn one and a half times as large. */
const largeScreen = '(min-width: 3000px)';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}

export function useMode(): Mode {
  const chosen = usePreferences((preferences) => preferences.mode);
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  return chosen ?? (systemDark ? 'dark' : 'light');
}

/** 1, or 1.5 on a very large screen. */
export function useScale(): number {
  return useMedia(largeScreen) ? 1.5 : 1;
}

export function usePalette(): Palette {
  return palettes[useMode()];
}

export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

/** antd's tokens from our palette: 14 px base (21 on a very large screen), 8 px grid, two weights. */
export function antdTheme(mode: Mode, scale: number): ThemeConfig {
  const palette = palettes[mode];
  const px = (size: number) => Math.round(size * scale);
  return {
    algorithm: mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      fontFamily,
      fontSize: px(14),
      controlHeight: px(32),
      sizeUnit: px(4),
      sizeStep: px(4),
      borderRadius: 4,
      colorPrimary: palette.action,
      colorInfo: palette.action,
      colorSuccess: palette.action,
      colorLink: palette.action,
      colorError: palette.severity.critical,
      colorWarning: palette.severity.high,
      colorBgLayout: palette.page,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.raised,
      colorText: palette.text,
      colorTextSecondary: palette.textSoft,
      colorTextDescription: palette.textSoft,
      colorTextPlaceholder: palette.textSoft,
      colorBorder: palette.line,
      colorBorderSecondary: palette.line,
      colorTextLightSolid: mode === 'dark' ? '#14181b' : '#ffffff',
      motion: false,
      wireframe: false,
    },
    components: {
      Table: { cellPaddingBlockSM: px(6), cellPaddingInlineSM: px(8), headerBg: palette.raised },
      Menu: { itemHeight: px(40), itemBg: 'transparent', activeBarBorderWidth: 0 },
      Layout: { siderBg: palette.surface, headerBg: palette.surface },
    },
  };
}

/** Hands the palette to app.css as custom properties. */
export function paletteVariables(mode: Mode): Record<string, string> {
  const { severity, shape, ...rest } = palettes[mode];
  return Object.fromEntries([
    ...Object.entries(rest).map(([name, colour]) => [`--${name}`, colour]),
    ...Object.entries(severity).map(([name, colour]) => [`--severity-${name}`, colour]),
    ...Object.entries(shape).map(([name, colour]) => [`--shape-${name}`, colour]),
  ]) as Record<string, string>;
}
