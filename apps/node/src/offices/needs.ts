/**
 * What an office needs on the ledger before it can work: its DID, the types that it issues and its right to them, its registration
 * as one that asks. Whoever has the role writes it; a node does it by itself as far as it holds the keys.
 */
import { type Action, action, credentials, type GroupClient, identity, proveIdentityKey } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { type CertificateType, displayDocument, identityType, schemaDocument } from '@chengxin/services'
import { registeredAs, registrationDocument } from '@chengxin/services/verifier'
import type { AskingOffice, Offices } from './offices.ts'

export interface Need {
  /** Role of who writes it: `registrar` or `issuer_authority`. */
  readonly by: 'registrar' | 'authority'
  readonly wanted: Action
  /** Published once the ledger has their hashes. */
  readonly documents: readonly { readonly hash: string; readonly text: string }[]
  isMet(group: GroupClient): Promise<boolean>
}

/** In the order in which they can be met. */
export async function needsOf(group: GroupId, offices: Offices): Promise<readonly Need[]> {
  const needs: Need[] = []
  for (const signer of offices.identities) {
    const { did } = signer
    const proven = await proveIdentityKey(group, signer)
    needs.push({
      by: 'registrar',
      wanted: action(identity.create, { did, ...proven }),
      documents: [],
      isMet: async (asked) => (await asked.find(`/dids/${encodeURIComponent(did)}`)) !== undefined,
    })
  }
  const { bureau } = offices
  if (bureau) needs.push(...typeNeeds(identityType, bureau.signer.did, bureau.domain))
  for (const { signer, domain, types } of offices.issuers) {
    for (const { type } of types) needs.push(...typeNeeds(type, signer.did, domain))
  }
  return [...needs, ...offices.asking.map(registrationNeed)]
}

function typeNeeds(type: CertificateType, issuer: Offices['identities'][number]['did'], domain: string): Need[] {
  const { typeId } = type
  const documents = [schemaDocument(type), displayDocument(type)]
  const [schema, display] = documents as [(typeof documents)[0], (typeof documents)[0]]
  return [
    {
      by: 'authority',
      wanted: action(credentials.defineType, { typeId, schemaHash: schema.hash, displayHash: display.hash }),
      documents,
      async isMet(group) {
        const { types } = (await group.get('/credential-types?limit=200')) as {
          readonly types: readonly { readonly typeId: string }[]
        }
        return types.some((known) => known.typeId === typeId)
      },
    },
    {
      by: 'authority',
      wanted: action(credentials.authoriseIssuer, { issuer, typeId, domain }),
      documents: [],
      async isMet(group) {
        const path = `/issuers?issuer=${encodeURIComponent(issuer)}&typeId=${typeId}`
        const { issuers } = (await group.get(path)) as { readonly issuers: readonly { readonly endedAtMs?: number }[] }
        // A right that was taken back is not given again by itself.
        return issuers.length > 0
      },
    },
  ]
}

function registrationNeed({ registration }: AskingOffice): Need {
  const document = registrationDocument(registration)
  const { verifier, domain } = registration
  return {
    by: 'authority',
    wanted: action(credentials.registerVerifier, { verifier, domain, registrationHash: document.hash }),
    documents: [document],
    async isMet(group) {
      const known = await registeredAs(group, verifier)
      return known?.registrationHash === document.hash || known?.endedAtMs !== undefined
    },
  }
}
