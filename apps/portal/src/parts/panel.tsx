/** A titled part of a page. */
import { type ReactElement, type ReactNode, useId } from 'react'
import './panel.css'

export interface PanelProps {
  readonly title: string
  readonly note?: ReactNode
  readonly action?: ReactNode
  /** Without frame and ground, for content that brings its own. */
  readonly bare?: boolean
  readonly children: ReactNode
}

export function Panel({ title, note, action, bare = false, children }: PanelProps): ReactElement {
  const id = useId()
  return (
    <section className={bare ? 'panel panel-bare' : 'panel'} aria-labelledby={id}>
      <div className="panel-head">
        <h2 className="panel-title" id={id}>
          {title}
        </h2>
        {action !== undefined && <div className="panel-action">{action}</div>}
      </div>
      {note !== undefined && <p className="panel-note">{note}</p>}
      {children}
    </section>
  )
}
