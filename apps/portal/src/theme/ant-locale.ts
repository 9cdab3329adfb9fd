/** Ant Design's own words, by language; each is a file that is fetched when it is first needed. */
import type { Locale } from 'antd/es/locale'

const files: Readonly<Record<string, () => Promise<{ default: Locale }>>> = {
  'zh-Hant': () => import('antd/es/locale/zh_HK'),
  'zh-Hans': () => import('antd/es/locale/zh_CN'),
  pt: () => import('antd/es/locale/pt_PT'),
  en: () => import('antd/es/locale/en_GB'),
}

export async function antLocale(language: string): Promise<Locale> {
  const load = files[language]
  if (load === undefined) throw new Error(`Ant Design is given no words in ${language}.`)
  return (await load()).default
}
