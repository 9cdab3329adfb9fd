/** Who opens an own vault here: the person signed in, with this site's name for passkeys. */
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../../../api/sign-in.ts'
import type { Owner } from '../../../own/own-vault.ts'
import { useSession } from '../../../session/session.ts'

/** Throws when it is asked while nobody is signed in. */
export function useOwner(): () => Owner {
  const { person } = useSession()
  const session = useQuery(sessionQuery)
  return () => {
    if (person === undefined || session.data === undefined) throw new Error('Nobody is signed in.')
    return { person, rpId: session.data.rpId }
  }
}
