import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type SessionAnswer, sessionQuery, signIn } from '../api/sign-in.ts'
import { type PortalSession, SessionContext } from './session.ts'

export function SessionProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const { t } = useTranslation('shell')
  const queryClient = useQueryClient()
  const query = useQuery(sessionQuery)
  const answer = query.data
  const isKnown = answer !== undefined || query.isError
  const rpName = t('product')

  const session = useMemo((): PortalSession => {
    /** What was loaded for somebody else must not be seen by whoever comes next. */
    async function become(next: SessionAnswer): Promise<void> {
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] === 'desk' })
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] === 'session' && queryKey.length > 1 })
      queryClient.setQueryData(sessionQuery.queryKey, next)
    }
    return {
      isKnown,
      person: answer?.person,
      personas: answer?.personas ?? [],
      sampleCity: answer?.sampleCity ?? false,
      bePersona: async (name) => become(await signIn.bePersona(name)),
      async signIn() {
        const { signInWithPasskey } = await import('./passkeys.ts')
        await become(await signInWithPasskey())
      },
      async register(options) {
        const { registerPasskey, bringIn } = await import('./passkeys.ts')
        const next = await registerPasskey({ ...options, rpName })
        await become(next)
        // A second touch; whoever declines it is asked again where the DID is first needed.
        if (next.person === undefined || next.person.did !== undefined) return
        await bringIn(next.person, next.rpId).catch(() => undefined)
        await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
      },
      async bringIn() {
        const { bringIn } = await import('./passkeys.ts')
        if (answer?.person === undefined) return
        await bringIn(answer.person, answer.rpId)
        await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
      },
      signOut: async () => become(await signIn.signOut()),
      async signer() {
        const { signerOf } = await import('./passkeys.ts')
        if (answer?.person === undefined) throw new Error('Nobody is signed in.')
        return signerOf(answer.person, answer.rpId)
      },
      refresh: () => queryClient.invalidateQueries({ queryKey: ['session'] }),
    }
  }, [answer, isKnown, queryClient, rpName])

  return <SessionContext value={session}>{children}</SessionContext>
}
