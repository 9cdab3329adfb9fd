/** The ground on which Ant Design's parts stand: our colours, the reader's language. Loaded with the pages that use them. */
import { ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import { type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { antLocale } from './ant-locale.ts'
import { antTheme } from './ant-theme.ts'
import { useAppearance } from './appearance.ts'

export interface AntSurfaceProps {
  /**
   * The words at hand before the page is first drawn. A page that gets its first ones later is built anew around them by
   * Ant Design, and what was opened or typed in it is lost.
   */
  readonly words: Locale
  readonly children: ReactNode
}

export function AntSurface({ words, children }: AntSurfaceProps): ReactElement {
  const { language } = useTranslation().i18n
  const appearance = useAppearance()
  const [locale, setLocale] = useState(words)
  useEffect(() => {
    let wanted = true
    void antLocale(language).then((found) => {
      if (wanted) setLocale(found)
    })
    return () => {
      wanted = false
    }
  }, [language])
  return (
    <ConfigProvider theme={antTheme(appearance)} locale={locale}>
      {children}
    </ConfigProvider>
  )
}
