/** What a resident holds, as the wallet shows it. */
import { claimsOf, fieldsOf } from '@chengxin/holder'
import { type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type Agent, logUse } from './agent.ts'
import type { Holding } from './records.ts'

export async function holdingView(agent: Agent, certificateId: string, holding: Holding): Promise<JsonObject> {
  const { vct, issuerUrl, copies, receivedAtMs, standing } = holding
  const claims = claimsOf(copies[0]?.text)
  const [type, bundle] = await Promise.all([agent.ledger.typeOf(vct), agent.ledger.trust()])
  const issuer = bundle?.issuers.find(
    ({ did, domain }) => did === claims['iss'] || `https://${domain}` === claims['iss'],
  )
  const seconds = (name: string) => (typeof claims[name] === 'number' ? { [`${name}Ms`]: claims[name] * 1000 } : {})
  return {
    certificateId,
    vct,
    ...(type && { typeId: type.typeId, display: type.display }),
    issuer: { url: issuerUrl, host: new URL(issuerUrl).host, ...(issuer && { name: issuer.name, did: issuer.did }) },
    fields: fieldsOf(copies[0]?.text) as unknown as Json,
    receivedAtMs,
    ...seconds('iat'),
    ...seconds('exp'),
    copies: copies.length,
    copiesUnseen: copies.filter(({ shownTo, printId }) => shownTo.length === 0 && printId === undefined).length,
    standing: (standing ?? { word: 'unchecked', verdict: 'undecided' }) as unknown as Json,
  }
}

/** The certificate as files for another wallet or a backup. Refuses with `certificate_not_held`. */
export async function exportHolding(
  agent: Agent,
  account: string,
  certificateId: string,
): Promise<JsonObject | Refusal> {
  const holding = (await agent.kept.holdings.get(certificateId))?.value
  if (holding?.account !== account) return refuse('certificate_not_held')
  await logUse(agent, { account, kind: 'exported', certificateId, vct: holding.vct })
  return { certificateId, vct: holding.vct, copies: holding.copies.map(({ text }) => text) }
}

/** Erases a certificate with its keys, for good. Refuses with `certificate_not_held`. */
export async function removeHolding(
  agent: Agent,
  account: string,
  certificateId: string,
): Promise<Refusal | undefined> {
  const holding = (await agent.kept.holdings.get(certificateId))?.value
  if (holding?.account !== account) return refuse('certificate_not_held')
  await agent.kept.holdings.erase(certificateId)
  await logUse(agent, { account, kind: 'removed', certificateId, vct: holding.vct })
  return undefined
}
