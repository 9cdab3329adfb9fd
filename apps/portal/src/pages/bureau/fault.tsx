import type { ReactElement } from 'react'
import type { Act } from '../../session/use-act.ts'

/** What went wrong with an act, where it was begun. */
export function Fault({ act }: { readonly act: Act }): ReactElement | null {
  if (act.fault === undefined) return null
  return (
    <p className="fault" role="alert" data-testid="fault">
      {act.fault}
    </p>
  )
}
