import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/icon.tsx'
import { appearanceChoices, chooseAppearance, useAppearanceChoice } from '../theme/appearance.ts'

const icons = { system: 'screen', light: 'sun', dark: 'moon' } as const

export function AppearanceSwitch({ name }: { readonly name: string }): ReactElement {
  const { t } = useTranslation('shell')
  const chosen = useAppearanceChoice()
  return (
    <fieldset className="appearance">
      <legend className="visually-hidden">{t('appearance.label')}</legend>
      {appearanceChoices.map((choice) => (
        <label key={choice} title={t(`appearance.${choice}`)}>
          <input
            type="radio"
            name={name}
            checked={chosen === choice}
            onChange={() => chooseAppearance(choice)}
            aria-label={t(`appearance.${choice}`)}
          />
          <span>
            <Icon name={icons[choice]} size={17} />
          </span>
        </label>
      ))}
    </fieldset>
  )
}
