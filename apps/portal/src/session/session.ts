/** Who is signed in, and how that changes. */
import type { Signer } from '@chengxin/client'
import { createContext, useContext } from 'react'
import type { Persona, SignedInPerson } from '../api/sign-in.ts'

export interface PortalSession {
  /** False until the node has said who is signed in. */
  readonly isKnown: boolean
  readonly person: SignedInPerson | undefined
  /** Whom a visitor of a sample city can be; none elsewhere. */
  readonly personas: readonly Persona[]
  readonly sampleCity: boolean
  bePersona(name: string): Promise<void>
  /** Asks for any passkey of this node. */
  signIn(): Promise<void>
  /** Makes a passkey: a new resident, an invited officer, or another passkey of whoever is signed in. */
  register(options: { readonly invitation?: string; readonly userName: string }): Promise<void>
  signOut(): Promise<void>
  /** Puts the resident's DID onto the ledger if it is not there: the passkey is asked. */
  bringIn(): Promise<void>
  /** Signs transactions as the resident: with the passkey, or the persona's public key. Throws where nobody could. */
  signer(): Promise<Signer>
  /** Asks the node again, after something about the account has changed. */
  refresh(): Promise<void>
}

export const SessionContext = createContext<PortalSession | undefined>(undefined)

export function useSession(): PortalSession {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('A page was rendered outside of a session.')
  return session
}

/** Where somebody's work is. */
export function homeOf(person: SignedInPerson): string {
  if (person.kind === 'resident') return '/wallet'
  return homes.find(([role]) => person.roles.some((own) => own.startsWith(role)))?.[1] ?? '/'
}

const homes = [
  ['bureau_', '/bureau'],
  ['issuer_', '/issuer'],
  ['department_', '/sharing'],
  ['verifier_', '/verifier'],
] as const
