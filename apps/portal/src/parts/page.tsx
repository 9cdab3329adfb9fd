/** A page: its title in the window and as heading, one sentence of what it is for, its content. */
import { type ReactElement, type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import './page.css'

export interface PageProps {
  readonly title: string
  readonly lead?: ReactNode
  /** A line above the title that says what kind of thing is shown. */
  readonly kind?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function usePageTitle(title: string): void {
  const { t } = useTranslation('shell')
  const product = t('product')
  useEffect(() => {
    document.title = `${title} · ${product}`
  }, [title, product])
}

export function Page({ title, lead, kind, actions, children }: PageProps): ReactElement {
  usePageTitle(title)
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-words">
          {kind !== undefined && <p className="page-kind">{kind}</p>}
          <h1 className="page-title">{title}</h1>
          {lead !== undefined && <p className="page-lead">{lead}</p>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}
