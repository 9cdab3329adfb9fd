/** Names and values, side by side at desk width and stacked on a phone. */
import type { ReactElement, ReactNode } from 'react'
import './fact-list.css'

export interface Fact {
  readonly name: string
  readonly value: ReactNode
}

export function FactList({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  return (
    <dl className="facts">
      {facts.map(({ name, value }) => (
        <div className="fact" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
