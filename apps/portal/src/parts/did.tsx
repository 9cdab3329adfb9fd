/** A DID by its name where it has one, else shortened; leads to its page. */
import type { ReactElement } from 'react'
import { useDidName } from '../city/member-name.ts'
import { ShortId } from './short-id.tsx'

export function Did({ did, copy = true }: { readonly did: string; readonly copy?: boolean }): ReactElement {
  const didName = useDidName()
  const name = didName(did)
  return <ShortId id={did} to={`/explorer/dids/${did}`} label={name} copy={copy} />
}
