/** An issuing office with everything its desk needs: types, entitlements, registers, claims and acts. */
import type { Signer } from '@chengxin/client'
import type { Did } from '@chengxin/kernel'
import { recoveriesOf } from '../../recoveries.ts'
import type { VerifierOffice } from '../../verifier/office.ts'
import type { Trusted } from '../../verifier/trusted.ts'
import { createIssuingOffice, type IssuingOffice, type IssuingOfficeOptions } from '../issuing-office.ts'
import { followRecoveredHolders, type RecoveredHolders } from '../recovered-holders.ts'
import { openRenewals, type RenewalBook } from '../renewals.ts'
import { type ActBook, openActs } from './acts.ts'
import { type ClaimBook, openClaims } from './claims.ts'
import { type EntitlementBook, openEntitlements } from './entitlements.ts'
import { type ImportBook, openImports } from './imports.ts'
import { type BuiltInType, openTypeBook, type TypeBook } from './type-book.ts'

export interface IssuerDeskOffice {
  readonly office: IssuingOffice
  readonly names: IssuingOfficeOptions['names']
  readonly did: Did
  /** Residents under one root of an unlinkable type. */
  readonly smallestRoot: number
  readonly types: TypeBook
  readonly entitlements: EntitlementBook
  readonly imports: ImportBook
  readonly claims: ClaimBook
  readonly acts: ActBook
  readonly takesClaims: boolean
  /** Certificates whose holders have lost their keys. */
  readonly renewals: RenewalBook
  /** Follows recoveries of holders whose user agent is another node's. */
  readonly recovered: RecoveredHolders
}

export interface OpenOfficeOptions extends Omit<IssuingOfficeOptions, 'types'> {
  readonly builtIn: readonly BuiltInType[]
  readonly domain?: string
  /** Who may define types, where this node has the key. */
  readonly authority?: Signer
  /** The office as one that asks for certificates of identity; absent where it takes no claims. */
  readonly asks?: VerifierOffice
  readonly trusted: Trusted
  /** Whether a user agent of this node answers for a DID, and so tells of its losses itself; none does if absent. */
  readonly hasAgentFor?: (did: Did) => Promise<boolean>
  /** Certificates whose status one officer may change alone; ten if absent. */
  readonly aloneUpTo?: number
}

export async function openIssuerOffice(options: OpenOfficeOptions): Promise<IssuerDeskOffice> {
  const { vault, group, signer, nowMs = Date.now, smallestRoot = 5, failed = () => {}, asks, trusted } = options
  const office = await createIssuingOffice({ ...options, types: [] })
  const types = await openTypeBook({
    ...{ office: options.office, vault, group, issuer: signer.did, builtIn: options.builtIn, nowMs },
    ...(options.domain !== undefined && { domain: options.domain }),
    ...(options.authority && { authority: options.authority }),
    ...(options.published && { announced: options.published }),
    published: (type, linkage) => office.addType({ ...type, linkage }),
  })
  const entitlements = await openEntitlements(vault, options.office, nowMs)
  const fieldsOf = async (typeId: string) => (await types.get(typeId))?.fields
  const imports = await openImports({ office: options.office, vault, entitlements, fieldsOf, nowMs, failed })
  const claims = openClaims({
    ...{ office, vault, group, entitlements, types, trusted, nowMs, ...(asks && { asks }) },
    renewed: (reference, accountId) => renewals.offer(reference, accountId),
  })
  const acts = await openActs(office, vault, nowMs, options.aloneUpTo)
  const renewals = openRenewals({ office, vault, nowMs, subjectsOf: claims.subjectsOf })
  const recovered = followRecoveredHolders({
    ...{ office: options.office, vault, claims, renewals, failed, recoveries: recoveriesOf(group) },
    isHere: options.hasAgentFor ?? (async () => false),
  })
  const did = signer.did
  const takesClaims = asks !== undefined
  return {
    office,
    names: options.names,
    did,
    smallestRoot,
    types,
    entitlements,
    imports,
    claims,
    acts,
    takesClaims,
    renewals,
    recovered,
  }
}
