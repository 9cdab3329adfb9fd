/** What does not fit the foot of a phone: the other pages, language and appearance, in a sheet from below. */
import { type ReactElement, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { CityNavLink } from '../city/city-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { useSession } from '../session/session.ts'
import { AppearanceSwitch } from './appearance-switch.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { furtherDestinations, furtherDestinationsAtWork, residentPlacesOf, workplaceOf } from './navigation.ts'

export function MoreMenu(): ReactElement {
  const { t } = useTranslation('shell')
  const sheet = useRef<HTMLDialogElement>(null)
  const { pathname } = useLocation()
  const { person } = useSession()
  const isAtWork = workplaceOf(person) !== undefined
  const shown = [...residentPlacesOf(person), ...(isAtWork ? furtherDestinationsAtWork : furtherDestinations)]
  const isHere = shown.some(({ to }) => pathname.startsWith(to))
  const close = () => sheet.current?.close()
  return (
    <>
      <button
        type="button"
        className={isHere ? 'foot-link active' : 'foot-link'}
        aria-haspopup="dialog"
        onClick={() => sheet.current?.showModal()}
        data-testid="more-menu"
      >
        <span className="foot-icon">
          <Icon name="more" size={22} />
        </span>
        {t('nav.short.more')}
      </button>
      <dialog
        ref={sheet}
        className="sheet"
        aria-label={t('nav.short.more')}
        onClick={(event) => {
          // A touch beside the sheet closes it: the dialog itself is then what was touched.
          if (event.target === sheet.current) close()
        }}
      >
        <div className="sheet-inner">
          <ul className="sheet-links">
            {shown.map(({ to, key }) => (
              <li key={key} onClick={close}>
                <CityNavLink to={to} className="sheet-link">
                  <Icon name={key} size={22} />
                  {t(`nav.${key}`)}
                </CityNavLink>
              </li>
            ))}
          </ul>
          <div className="sheet-choices">
            <LanguageSwitch id="language-of-sheet" testId="language-switch-phone" />
            <AppearanceSwitch name="appearance-of-sheet" />
          </div>
          <button type="button" className="plain-button sheet-close" onClick={close}>
            {t('close')}
          </button>
        </div>
      </dialog>
    </>
  )
}
