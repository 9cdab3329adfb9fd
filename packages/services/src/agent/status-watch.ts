/**
 * How the certificates stand that residents hold: checked as any verifier would, against the newest trust bundle. Whoever
 * holds one is told when it is suspended, revoked or replaced, and when it is good again.
 */
import { type Standing, standingOf } from '@chengxin/holder'
import { isRefusal, type Json } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { type Agent } from './agent.ts'
import { tellIssuer } from './holder-voice.ts'
import { asJson, type Holding, type Notice, type Print } from './records.ts'

const watchEveryMs = 60_000
/** Changes that the holder is told of, in both directions. */
const told: readonly string[] = ['status_revoked', 'status_suspended', 'status_superseded', 'issuer_compromised']

/** Looks at everything that an account holds. Records are written only where something changed. */
export async function watchStatus(agent: Agent, account: string): Promise<void> {
  const bundle = await agent.ledger.trust()
  if (!bundle) return
  const { holdings, prints } = agent.kept
  for (const { id, value, version } of await holdings.find('account', account, { limit: 1000 })) {
    const [first] = value.copies
    if (!first) continue
    const standing = await standingOf(first.text, bundle, agent.nowMs())
    if (standing.word === value.standing?.word) continue
    const changed: Holding = { ...value, standing }
    if (await holdings.replace(id, version, asJson(changed))) await tell(agent, id, value, standing)
  }
  for (const { id, value, version } of await prints.find('account', account, { limit: 1000 })) {
    const standing = await standingOf(value.text, bundle, agent.nowMs())
    if (standing.word === value.standing?.word) continue
    const changed: Print = { ...value, standing }
    await prints.replace(id, version, asJson(changed))
  }
}

/** Residents who do not look are watched for too, so that the news are there when they come. */
export function startWatching(agent: Agent): { stop(): Promise<void> } {
  let round: Promise<void> = Promise.resolve()
  // A ledger that does not answer now is asked again with the next round.
  let seenHash: string | undefined
  const watch = () => {
    round = (async () => {
      const { payloadHash } = (await agent.ledger.trust()) ?? {}
      // Without a new bundle there is no news for anybody but those whose certificates expire, and they see that themselves.
      if (payloadHash === undefined || payloadHash === seenHash) return
      await watchEverybody(agent)
      seenHash = payloadHash
    })().catch(() => undefined)
  }
  const timer = setInterval(watch, watchEveryMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      await round
    },
  }
}

async function watchEverybody(agent: Agent): Promise<void> {
  const seen = new Set<string>()
  let after: string | undefined
  do {
    const rows = await agent.kept.holdings.list({ limit: 500, ...(after !== undefined && { after }) })
    for (const { value } of rows) {
      if (seen.has(value.account)) continue
      seen.add(value.account)
      await watchStatus(agent, value.account)
    }
    after = rows.at(-1)?.id
  } while (after !== undefined)
}

async function tell(agent: Agent, certificateId: string, before: Holding, { word }: Standing): Promise<void> {
  const isBad = told.includes(word)
  const isGoodAgain = word === 'valid' && told.includes(before.standing?.word ?? '')
  if (!isBad && !isGoodAgain) return
  const { account, vct, issuerUrl } = before
  const [copy] = before.copies
  // Issuers of other makes say no more than the status; then the notice says where to ask.
  const said = copy && (await tellIssuer(agent, issuerUrl, copy, 'status'))
  const { reasonCode, appeal } =
    said === undefined || isRefusal(said) ? {} : (said as { reasonCode?: Json; appeal?: Json })
  const notice: Notice = {
    account,
    atMs: agent.nowMs(),
    certificateId,
    vct,
    issuer: new URL(issuerUrl).host,
    word,
    ...(typeof reasonCode === 'string' && { reason: reasonCode }),
    ...(typeof appeal === 'string' && { appeal }),
  }
  await agent.kept.notices.insert(randomId('notice'), asJson(notice), { account })
}
