/** What the resident of the sample city does: allows the agent, takes certificates, answers requests. Each time by key. */
import { type Did, type GroupId, type TimeMs, toBase64url, toUtf8 } from '@chengxin/kernel'
import { sampleActor } from '../sample-city.ts'
import { action, buildTransaction } from '../transaction-builder.ts'
import { identity } from '../verbs.ts'
import { type Act, need, type Props, SchemeBroken, waitFor } from './act.ts'
import type { Stage } from './stage.ts'

export const resident = 'resident-chan'
const dayMs = 86_400_000

interface Held {
  readonly certificateId: string
  readonly typeId?: string
  readonly receivedAtMs: number
  readonly standing: { readonly word: string; readonly verdict: string }
}

interface Wallet {
  readonly agent: string
  readonly shut?: string
  readonly isProtected?: boolean
  readonly certificates: readonly Held[]
}

export const wallet = (stage: Stage) => stage.ask<Wallet>('GET', 'agent/wallet')

/** The resident's key over what the agent is to do, byte for byte. */
export async function confirmed(statement: string): Promise<{ readonly keyId: string; readonly signature: string }> {
  const { signer } = sampleActor(resident)
  return { keyId: signer.keyId, signature: toBase64url(await signer.sign(toUtf8(statement))) }
}

/** Lets the agent act until a time, and opens the bureau's counter, if it was taken out; on the ledger, by the resident. */
export const authorise: Act = {
  key: 'authorise',
  persona: 'resident',
  page: '/wallet',
  async play(stage) {
    const { agent, shut, isProtected } = await wallet(stage)
    if (shut === undefined && isProtected === true) return { agent }
    const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(9))).replaceAll(/[^A-Za-z0-9]/g, '0')
    const given = {
      delegationId: `delegation_${nonce.toLowerCase()}` as const,
      to: agent as Did,
      scope: ['credentials.*'],
      untilMs: (Date.now() + 180 * dayMs) as TimeMs,
    }
    const actions = [
      ...(shut === undefined ? [] : [action(identity.delegate, given)]),
      ...(isProtected === true ? [] : [action(identity.setCounter, { standing: 'open', delayMs: 7 * dayMs })]),
    ]
    const { signer } = sampleActor(resident)
    const { jws } = await buildTransaction({ group: stage.group.groupId as GroupId, actions }, signer)
    const [outcome] = await stage.group.submit([jws])
    if (outcome?.status !== 'committed') throw new SchemeBroken(`The ledger answered ${outcome?.code ?? 'nothing'}.`)
    await stage.group.readModelReached(outcome.height ?? 0)
    return { agent }
  },
}

/** Takes what an office offers; the certificate is in the wallet when it resolves. */
export async function takeOffer(stage: Stage, link: string): Promise<string> {
  interface Opened {
    readonly actId: string
    readonly statement: string
  }
  const { actId, statement } = await stage.ask<Opened>('POST', 'agent/offers', { link })
  const before = new Set((await wallet(stage)).certificates.map(({ certificateId }) => certificateId))
  await stage.ask('POST', 'agent/offers/acceptance', { actId, assertion: await confirmed(statement) })
  return waitFor('The certificate', async () => {
    const { certificates } = await wallet(stage)
    return certificates.find(({ certificateId }) => !before.has(certificateId))?.certificateId
  })
}

interface Asked {
  readonly actId: string
  readonly parts: readonly {
    readonly queryId: string
    readonly candidates: readonly {
      readonly certificateId: string
      readonly fields: readonly { readonly name: string }[]
    }[]
  }[]
}

/** Agrees to a request, with one certificate if it is named, else with the first that answers. */
export async function answerRequest(stage: Stage, link: string, certificateId?: string): Promise<Props> {
  const { actId, parts } = await stage.ask<Asked>('POST', 'agent/requests', { link })
  const choices = parts.map(({ queryId, candidates }) => {
    const candidate = candidates.find((held) => certificateId === undefined || held.certificateId === certificateId)
    if (candidate === undefined) throw new SchemeBroken('The wallet holds nothing that answers the request.')
    return { queryId, certificateId: candidate.certificateId, fields: candidate.fields.map(({ name }) => name) }
  })
  interface Open {
    readonly actId: string
    readonly statement: string
  }
  const open = await stage.ask<Open>('POST', 'agent/requests/choice', { actId, choices })
  const assertion = await confirmed(open.statement)
  const { consentId } = await stage.ask<{ readonly consentId: string }>('POST', 'agent/requests/agreement', {
    actId: open.actId,
    assertion,
  })
  return { consent: consentId }
}

export const present: Act = {
  key: 'present',
  persona: 'resident',
  page: '/wallet/consents',
  play: (stage, props) => answerRequest(stage, need(props, 'link'), props['certificate']),
}
