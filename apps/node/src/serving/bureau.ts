/** The identity bureau of this node: its desk, and the office that issues its certificates. */
import {
  type BureauDesk,
  canIssueAt,
  createBureauDesk,
  createIssuingOffice,
  type IssuingOffice,
  identityType,
  type SignInDesk,
} from '@chengxin/services'
import type { OpenDesksOptions } from './desks.ts'

export interface OpenBureau {
  readonly desk: BureauDesk
  readonly office: IssuingOffice | undefined
}

/** Undefined where nobody has given the node the bureau's keys. `published`: readers need a new trust bundle. */
export async function openBureau(
  options: OpenDesksOptions,
  { accounts, sessions, signInAs }: SignInDesk,
  published: () => void,
): Promise<OpenBureau | undefined> {
  const { group, vault, publicUrl, wallets = {}, log } = options
  const own = options.offices.bureau
  if (own === undefined) return undefined
  const failed = (error: unknown) => log.warn({ error: String(error) }, 'The identity bureau tries something again.')
  const office = canIssueAt(publicUrl)
    ? await createIssuingOffice({
        ...{ office: own.office, names: own.names, signer: own.signer },
        types: [identityType],
        ...{ group, vault, publicUrl, wallets, failed, published },
      })
    : undefined
  const desk = createBureauDesk({
    ...{ group, vault, publicUrl, accounts, sessions, signInAs, failed, nowMs: Date.now },
    ...{ registrar: own.registrar, bureau: own.bureau },
    ...(office === undefined ? {} : { office }),
  })
  return { desk, office }
}
