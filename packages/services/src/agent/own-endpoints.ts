/**
 * What residents need here who keep their certificates themselves: a place for the sealed vault, a way to issuers and verifiers that
 * answer no other page's scripts, and the list of what is being issued anew.
 */
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { RenewalBook, RenewalView } from '../issuer/renewals.ts'
import type { Agent } from './agent.ts'
import { accountOf, get, post, remove } from './describe.ts'
import { eraseOwnVault, keepOwnVault, ownVaultOf, sealedCharacters, type VaultChange } from './own-vaults.ts'
import { reached } from './receive.ts'
import { answerOf, bodies } from './shapes.ts'

export function ownEndpoints(agent: Agent, issuers: () => readonly RenewalBook[]): readonly DeskEndpoint[] {
  return [
    get(
      '/own-vault',
      'getOwnVault',
      'My sealed vault, which only my passkeys open.',
      answerOf('account', 'vault'),
      async (call) => {
        const account = accountOf(call)
        const vault = await ownVaultOf(agent, account)
        return { account, ...(vault && { vault: vaultView(vault) }) }
      },
    ),
    {
      ...post(
        '/own-vault',
        'keepOwnVault',
        'Keeps the next version of my sealed vault.',
        bodies.ownVault,
        answerOf('version'),
        async (call) => {
          const version = await keepOwnVault(agent, accountOf(call), call.body as VaultChange)
          if (isRefusal(version)) return version
          void agent.follow()
          return { version }
        },
        ['own_vault_changed', 'own_vault_lost'],
      ),
      bodyLimit: sealedCharacters + 512 * 1024,
    },
    remove(
      '/own-vault',
      'eraseOwnVault',
      'Erases my sealed vault, for good.',
      async (call) => {
        await eraseOwnVault(agent, accountOf(call))
        return undefined
      },
      [],
    ),
    {
      ...post(
        '/relay',
        'relay',
        'Passes one exchange of my own wallet on to an issuer or a verifier.',
        bodies.relay,
        answerOf('status', 'headers', 'body'),
        async (call) => relayed(agent, call.body as Relayed),
        ['relay_not_for_this', 'issuer_not_reached'],
      ),
      bodyLimit: 512 * 1024,
    },
    get(
      '/renewals',
      'listRenewals',
      'What is being issued anew to me after my keys were lost.',
      answerOf('renewals'),
      async (call) => ({ renewals: await renewalsOf(agent, issuers(), accountOf(call)) }),
    ),
    post(
      '/renewals/{reference}/offer',
      'offerRenewal',
      'A new offer in the place of what was lost, once the issuer has agreed.',
      undefined,
      answerOf('uri'),
      async (call) => {
        for (const book of issuers()) {
          const offer = await book.offer(call.params['reference'] ?? '', personOf(call).accountId)
          if (!isRefusal(offer)) return { uri: offer.uri }
        }
        return refuse('renewal_not_open')
      },
      ['renewal_not_open'],
    ),
  ]
}

function vaultView({ version, sealed, keys, begunAtMs, changedAtMs, lostAtMs }: Exclude<Awaited<Owned>, undefined>) {
  return { v: 1, version, sealed, keys, begunAtMs, changedAtMs, ...(lostAtMs !== undefined && { lostAtMs }) }
}
type Owned = ReturnType<typeof ownVaultOf>

interface Relayed {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** What exchanges of OpenID need; nothing that could act for anybody else. */
const passedOn: readonly string[] = ['accept', 'authorization', 'content-type', 'dpop']

/** Refusals: `relay_not_for_this`, `issuer_not_reached`. */
async function relayed(agent: Agent, { method, url, headers, body }: Relayed): Promise<JsonObject | Refusal> {
  if (!URL.canParse(url) || !Object.keys(headers).every((name) => passedOn.includes(name))) {
    return refuse('relay_not_for_this')
  }
  const answer = await reached(() => agent.send({ method, url, headers, body }))
  if (isRefusal(answer)) return answer
  const type = answer.headers['content-type']
  return { status: answer.status, headers: type === undefined ? {} : { 'content-type': type }, body: answer.body }
}

/** For the wallet: what is under way, and what is there to fetch. */
export async function renewalsOf(
  { groupId, ledger }: Agent,
  issuers: readonly RenewalBook[],
  account: string,
): Promise<readonly JsonObject[]> {
  const shown: JsonObject[] = []
  for (const { office, ofAccount } of issuers) {
    for (const { reference, typeId, state, askedAtMs } of (await ofAccount(account)).filter(isOpen)) {
      const vct = `urn:chengxin:type:${groupId}:${typeId}`
      const type = await ledger.typeOf(vct)
      const issuer = { url: office.identifier, host: new URL(office.identifier).host }
      shown.push({ reference, typeId, vct, ...(type && { display: type.display }), issuer, state, askedAtMs })
    }
  }
  return shown
}

function isOpen({ state }: RenewalView): boolean {
  return state !== 'done'
}
