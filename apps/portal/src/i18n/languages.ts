/** The languages of the portal. `tag` is what dates and numbers are written by; labels are names in the language itself. */
export const languages = [
  { code: 'zh-Hant', label: '繁體中文', tag: 'zh-Hant-MO' },
  { code: 'zh-Hans', label: '简体中文', tag: 'zh-Hans-CN' },
  { code: 'pt', label: 'Português', tag: 'pt-PT' },
  { code: 'en', label: 'English', tag: 'en-GB' },
] as const

export type Language = (typeof languages)[number]['code']

export function isLanguage(text: string | undefined): text is Language {
  return languages.some((language) => language.code === text)
}

export function tagOf(language: string): string {
  return languages.find((known) => known.code === language)?.tag ?? 'en-GB'
}

/** The first of the reader's languages (BCP 47, best first) that the portal speaks. */
export function languageFor(preferred: readonly string[]): Language {
  for (const preference of preferred) {
    const parts = preference.toLowerCase().split('-')
    if (parts[0] === 'zh') {
      if (parts.includes('hant')) return 'zh-Hant'
      if (parts.includes('hans')) return 'zh-Hans'
      return parts.some((part) => ['mo', 'hk', 'tw'].includes(part)) ? 'zh-Hant' : 'zh-Hans'
    }
    // Cantonese is written in traditional characters in Macau and Hong Kong.
    if (parts[0] === 'yue') return 'zh-Hant'
    if (parts[0] === 'pt') return 'pt'
    if (parts[0] === 'en') return 'en'
  }
  return 'en'
}
