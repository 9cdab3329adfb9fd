import type { ReactElement, ReactNode } from 'react'
import './tag.css'

export type TagTone = 'good' | 'bad' | 'warn' | 'quiet'

export function Tag({
  tone = 'quiet',
  children,
}: {
  readonly tone?: TagTone
  readonly children: ReactNode
}): ReactElement {
  return <span className={`tag tag-${tone}`}>{children}</span>
}

/** A small light before a word; the word says the same, so colour is never the only sign. */
export function Light({ tone = 'quiet' }: { readonly tone?: TagTone }): ReactElement {
  return <span className={`light light-${tone}`} aria-hidden="true" />
}
