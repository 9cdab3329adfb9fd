/** What the resident has agreed to: read, taken along, withdrawn. */
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type Collection, changeRecord, type Stored } from '../vault/face.ts'
import { type Agent, logUse } from './agent.ts'
import { asJson, type Consent } from './records.ts'
import { tellVerifier } from './tell-verifier.ts'

const pageLimit = 50

/** Newest first, with the id to ask for what is older. */
export async function page<T extends Json>(
  collection: Collection<T>,
  account: string,
  after: string | undefined,
): Promise<{ readonly rows: readonly Stored<T>[]; readonly next?: string }> {
  const wanted = { limit: pageLimit, newestFirst: true, ...(after !== undefined && { after }) }
  const rows = await collection.find('account', account, wanted)
  const next = rows.length === pageLimit ? rows.at(-1)?.id : undefined
  return { rows, ...(next !== undefined && { next }) }
}

export function consentView(id: string, { account: _, evidence: _evidence, ...consent }: Consent): JsonObject {
  return { consentId: id, ...consent } as unknown as JsonObject
}

/** Everything, evidence included, so that the resident can prove what was agreed, and what was not. */
export async function exportConsents(agent: Agent, account: string): Promise<JsonObject> {
  const consents: Json[] = []
  let after: string | undefined
  do {
    const { rows, next } = await page(agent.kept.consents, account, after)
    for (const { id, value } of rows) {
      consents.push({ ...consentView(id, value), evidence: value.evidence as unknown as Json })
    }
    after = next
  } while (after !== undefined)
  return { v: 1, group: agent.groupId, agent: agent.did, exportedAtMs: agent.nowMs(), consents }
}

/**
 * Withdraws a consent from now on: what was shown cannot be unshown, and the verifier has to stop using it. Refuses with
 * `consent_not_found`.
 */
export async function withdrawConsent(agent: Agent, account: string, consentId: string): Promise<Consent | Refusal> {
  const outcome = await changeRecord(agent.kept.consents, consentId, (consent): ChangeOf => {
    if (consent.account !== account) return { result: refuse('consent_not_found') }
    if (consent.state === 'withdrawn') return { result: consent }
    const withdrawn: Consent = { ...consent, state: 'withdrawn', withdrawnAtMs: agent.nowMs() }
    return { value: asJson(withdrawn), result: withdrawn }
  })
  if (outcome === undefined || isRefusal(outcome)) return refuse('consent_not_found')
  for (const { certificateId, vct } of outcome.items) {
    await logUse(agent, { account, kind: 'withdrawn', certificateId, vct, party: outcome.verifier.domain })
  }
  return tellVerifier(agent, consentId, outcome)
}

type ChangeOf = { readonly value?: Consent & JsonObject; readonly result: Consent | Refusal }
