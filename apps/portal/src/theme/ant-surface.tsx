/** The ground on which Ant Design's parts stand: our colours, the reader's language. Loaded with the pages that use them. */
import { ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import { type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { antTheme } from './ant-theme.ts'
import { useAppearance } from './appearance.ts'

const localeFiles: Readonly<Record<string, () => Promise<{ default: Locale }>>> = {
  'zh-Hant': () => import('antd/es/locale/zh_HK'),
  'zh-Hans': () => import('antd/es/locale/zh_CN'),
  pt: () => import('antd/es/locale/pt_PT'),
  en: () => import('antd/es/locale/en_GB'),
}

export function AntSurface({ children }: { readonly children: ReactNode }): ReactElement {
  const { language } = useTranslation().i18n
  const appearance = useAppearance()
  const [locale, setLocale] = useState<Locale>()
  useEffect(() => {
    let wanted = true
    void localeFiles[language]?.().then((file) => {
      if (wanted) setLocale(file.default)
    })
    return () => {
      wanted = false
    }
  }, [language])
  return (
    <ConfigProvider theme={antTheme(appearance)} {...(locale === undefined ? {} : { locale })}>
      {children}
    </ConfigProvider>
  )
}
