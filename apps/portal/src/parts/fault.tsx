/** What went wrong, read out as soon as it is there. */
import type { ReactElement } from 'react'

/** `sentence`: in the reader's language; nothing is shown where nothing went wrong. */
export function Fault({ sentence }: { readonly sentence: string | undefined }): ReactElement | null {
  if (sentence === undefined) return null
  return (
    <p className="fault" role="alert" data-testid="fault">
      {sentence}
    </p>
  )
}
