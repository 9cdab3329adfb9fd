/** An id or long name, shortened in the middle, whole on hover and by the copy button. */
import type { ReactElement, ReactNode } from 'react'
import { CityLink } from '../city/city-link.tsx'
import { shortenId } from '../format/shorten.ts'
import { CopyButton } from './copy-button.tsx'
import './short-id.css'

export interface ShortIdProps {
  readonly id: string
  readonly to?: string | undefined
  /** Shown instead of the shortened id, where a thing has a name. */
  readonly label?: ReactNode
  readonly copy?: boolean
}

export function ShortId({ id, to, label, copy = true }: ShortIdProps): ReactElement {
  const shown = label ?? <code>{shortenId(id)}</code>
  return (
    <span className="short-id">
      {to === undefined ? (
        <span title={id}>{shown}</span>
      ) : (
        <CityLink to={to} title={id}>
          {shown}
        </CityLink>
      )}
      {copy && <CopyButton text={id} />}
    </span>
  )
}

/** The whole of a hash or id, broken over lines where it must be. */
export function WholeId({ id }: { readonly id: string }): ReactElement {
  return (
    <span className="whole-id">
      <code>{id}</code>
      <CopyButton text={id} />
    </span>
  )
}
