/** A page that breaks leaves the frame standing. The usual cause is a page's file that a new release has replaced. */
import { Component, type ReactElement, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { Icon } from '../parts/icon.tsx'

class Boundary extends Component<{ readonly fallback: ReactNode; readonly children: ReactNode }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: true } {
    return { broken: true }
  }

  override render(): ReactNode {
    return this.state.broken ? this.props.fallback : this.props.children
  }
}

export function PageBoundary({ children }: { readonly children: ReactNode }): ReactElement {
  const { pathname } = useLocation()
  return (
    <Boundary key={pathname} fallback={<Broken />}>
      {children}
    </Boundary>
  )
}

function Broken(): ReactElement {
  const { t } = useTranslation('shell')
  return (
    <div className="state" role="alert">
      <span className="state-icon state-icon-bad">
        <Icon name="refresh" size={26} />
      </span>
      <p className="state-title">{t('broken.title')}</p>
      <p className="state-next">{t('broken.next')}</p>
      <button type="button" className="plain-button" onClick={() => location.reload()}>
        {t('broken.reload')}
      </button>
    </div>
  )
}
