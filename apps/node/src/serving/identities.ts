/** DIDs for the API: documents to resolve, and who may read a group that shows itself to its members only. */
import type { IdentityResolver, ReaderChecks } from '@chengxin/api'
import { didDocument, type PublicJwk, type VerifySignature } from '@chengxin/crypto'
import { isRefusal, refuse } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import type { Ruleset } from '@chengxin/module-kit'
import { committedReads } from './committed-reads.ts'

interface IdentityRow {
  readonly createdAtMs: number
  readonly keys: readonly { readonly keyId: string; readonly key: PublicJwk }[]
  readonly status: 'active' | 'deactivated'
}

export const identities: IdentityResolver = {
  resolve(ledger, did) {
    const row = ledger.row('identity/identities', did) as IdentityRow | undefined
    if (row === undefined) return undefined
    const keys = row.keys.map(({ keyId, key }) => ({ keyId, jwk: key }))
    const document = didDocument({ did, keys }) as unknown as { readonly [member: string]: unknown }
    return { document, deactivated: row.status === 'deactivated', createdAtMs: row.createdAtMs }
  },
}

export function readerChecks(ruleset: Ruleset, verifySignature: VerifySignature): ReaderChecks {
  return {
    verifySignature,
    activeKey(ledger, did, keyId) {
      const answers = committedReads(ledger, ruleset, ruleset.identity)
      const found = answers.activeKey(did, keyId, ledger.head().timeMs)
      if (isRefusal(found)) return found
      // A passkey signs assertions, never a token.
      return found.webauthn === undefined ? found.key : refuse('key_unknown')
    },
    isUnderMember(ledger, did) {
      const sponsor = committedReads(ledger, ruleset, ruleset.identity).sponsorOf(did)
      return sponsor !== undefined && isActiveMember(ledger, sponsor)
    },
  }
}

function isActiveMember(ledger: Ledger, memberId: string): boolean {
  const row = ledger.row('governance/members', memberId) as { readonly status: string } | undefined
  return row?.status === 'active'
}
