/** Ant Design in the colours of tokens.css, so that its parts and ours are one family in both appearances. */
import type { ThemeConfig } from 'antd'
import { theme } from 'antd'
import type { Appearance } from './appearance.ts'

const palettes = {
  light: {
    colorPrimary: '#0b664f',
    colorInfo: '#0b664f',
    colorSuccess: '#0b664f',
    colorWarning: '#855600',
    colorError: '#ad2e1c',
    colorLink: '#0b664f',
    colorTextBase: '#12211b',
    colorBgBase: '#ffffff',
    colorBgLayout: '#f4f7f5',
    colorBorder: '#b4c3bb',
    colorBorderSecondary: '#dae3dd',
  },
  dark: {
    colorPrimary: '#52c6a3',
    colorInfo: '#52c6a3',
    colorSuccess: '#52c6a3',
    colorWarning: '#e2b565',
    colorError: '#f08f7c',
    colorLink: '#52c6a3',
    colorTextBase: '#e7efeb',
    colorBgBase: '#141d1a',
    colorBgLayout: '#0d1412',
    colorBorder: '#3d5047',
    colorBorderSecondary: '#25332d',
  },
} as const

export function antTheme(appearance: Appearance): ThemeConfig {
  return {
    algorithm: appearance === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      ...palettes[appearance],
      // Derived by Ant's dark algorithm the primary loses its light: text on it must follow.
      ...(appearance === 'dark' ? { colorTextLightSolid: '#06251c' } : {}),
      fontFamily: 'var(--sans)',
      fontFamilyCode: 'var(--mono)',
      fontSize: 15,
      borderRadius: 8,
      controlHeight: 40,
      wireframe: false,
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500 },
      Collapse: { headerBg: 'transparent', contentBg: 'transparent' },
      Tabs: { horizontalItemGutter: 28, titleFontSize: 15 },
    },
  }
}
