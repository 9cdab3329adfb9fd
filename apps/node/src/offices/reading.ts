/**
 * Offices read their group through the node's own door, also where it shows itself to members only: they bring a read token that
 * a key of this node signs, as any other reader of a member would.
 */
import type { Signer } from '@chengxin/client'
import { joinJws, jwsSigningInput } from '@chengxin/crypto'
import { canonicalize, toUtf8 } from '@chengxin/kernel'

const tokenForMs = 8 * 60_000
const renewBeforeMs = 60_000

/** `fetch` with a token for this group; the signer's DID stands on the ledger under a member. */
export function readingAs(signer: Signer, groupId: string, send: typeof fetch): typeof fetch {
  let held: { readonly token: string; readonly untilMs: number } | undefined
  async function token(): Promise<string> {
    if (held === undefined || held.untilMs - renewBeforeMs < Date.now()) {
      const untilMs = Date.now() + tokenForMs
      const header = canonicalize({ alg: signer.alg, kid: signer.kid, typ: 'chengxin-read+jws' })
      const input = jwsSigningInput(header, toUtf8(canonicalize({ aud: groupId, exp: Math.floor(untilMs / 1000) })))
      held = { token: joinJws(input, await signer.sign(toUtf8(input))), untilMs }
    }
    return held.token
  }
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${await token()}`)
    return send(input, { ...init, headers })
  }
}
