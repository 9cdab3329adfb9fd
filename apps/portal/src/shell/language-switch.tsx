import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { chooseLanguage } from '../i18n/i18n.ts'
import { isLanguage, languages } from '../i18n/languages.ts'
import { Icon } from '../parts/icon.tsx'

/** The device's own list of choices: a phone shows it in the way its owner knows. */
export function LanguageSwitch({ id, testId }: { readonly id: string; readonly testId: string }): ReactElement {
  const { t, i18n } = useTranslation('shell')
  return (
    <label className="choice" htmlFor={id}>
      <Icon name="language" size={18} />
      <span className="visually-hidden">{t('language')}</span>
      <select
        id={id}
        data-testid={testId}
        value={i18n.language}
        onChange={({ target: { value } }) => {
          if (isLanguage(value)) chooseLanguage(value)
        }}
      >
        {languages.map(({ code, label }) => (
          <option key={code} value={code} lang={code}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}
