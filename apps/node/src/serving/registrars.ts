/** Who else brings identities in at this node: decided at the bureau's desk, done at the desks of its issuers. */
import type { Desk, SignInDesk } from '@chengxin/services'
import type { IssuerDesk } from '@chengxin/services/issuer'
import { createRegistrarsDesk } from '@chengxin/services/registrars'
import type { OpenDesksOptions } from './desks.ts'

/** Undefined where this node has neither a bureau nor an issuer. */
export function openRegistrars(
  { group, vault, offices: { bureau, issuers, seats } }: OpenDesksOptions,
  { accounts }: SignInDesk,
  issuerDesk: IssuerDesk | undefined,
): Desk | undefined {
  if (bureau === undefined && issuerDesk === undefined) return undefined
  const offices = (issuerDesk?.offices ?? []).flatMap(({ office: { office }, names, claims }) => {
    const signer = issuers.find((known) => known.office === office)?.signer
    return signer ? [{ office, names, signer, claims }] : []
  })
  return createRegistrarsDesk({ group, vault, accounts, seats, offices, nowMs: Date.now })
}
