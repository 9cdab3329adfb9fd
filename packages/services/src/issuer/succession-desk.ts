/**
 * The desk of succession: when an office is dissolved, each of its types passes to a named successor. One officer proposes, another
 * agrees; the authority entitles the successor and ends the old right in good order; holders fetch new certificates by the keys of
 * the old ones, which are superseded then. Anyone may read what passed to whom.
 */
import { type Action, action, buildTransaction, credentials, type GroupClient, type Signer } from '@chengxin/client'
import { type GroupId, isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type Desk, type DeskEndpoint, type DeskRefusals, personOf } from '../desk/endpoint.ts'
import type { Person } from '../desk/person.ts'
import { randomId } from '../desk/random-id.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { IssuerDeskOffice } from './desk/office.ts'
import { issuerRefusals } from './desk/refusals.ts'
import { anyObject, object, text } from './desk/shapes.ts'

export type Succession = {
  readonly typeId: string
  /** Words of the offices. */
  readonly from: string
  readonly to: string
  readonly proposedBy: string
  readonly proposedAtMs: number
  readonly state: 'open' | 'declined' | 'agreed' | 'done'
  readonly decidedBy?: string
  readonly decidedAtMs?: number
}

export interface SuccessionDeskOptions {
  readonly group: GroupClient
  readonly vault: Vault
  readonly offices: readonly IssuerDeskOffice[]
  /** Says who may issue, where this node has the key; else the successor's right must stand on the ledger already. */
  readonly authority?: Signer
  readonly nowMs: () => number
  /** Readers need a new trust bundle. */
  readonly published: () => void
  readonly failed: (error: unknown) => void
}

export interface SuccessionDesk extends Desk {
  /** Goes on with what was agreed, and supersedes what has been fetched from successors since. */
  upkeep(): Promise<void>
}

const upkeepEveryMs = 60_000
const { office_not_an_issuer, type_not_issued, type_authority_elsewhere, second_officer_needed } = issuerRefusals
const ofIssuers = { office_not_an_issuer, type_not_issued, type_authority_elsewhere, second_officer_needed }

/** In the order in which they are checked. */
export const successionRefusals = {
  successor_unknown: ['missing', 'The successor is another issuer of this node, which does not issue the type itself.'],
  succession_not_found: ['missing', 'Nothing is open under this id: it was decided before.'],
} as const satisfies DeskRefusals

/** Opens the desk; types that have passed are with their successors when it resolves. */
export async function createSuccessionDesk(options: SuccessionDeskOptions): Promise<SuccessionDesk> {
  const { vault, offices, nowMs, failed } = options
  const kept: Collection<Succession> = vault.collection('issuer-successions')
  const named = (word: string | undefined) => offices.find(({ office }) => office.office === word)

  async function passOn({ typeId, from, to }: Succession): Promise<void> {
    const [old, successor] = [named(from), named(to)]
    if (old === undefined || successor === undefined) return
    await adopt(old, successor, typeId)
    await old.office.passOn(typeId, successor.office)
  }

  /** Undefined once it is done. */
  async function carryOut(successionId: string, succession: Succession): Promise<Refusal | undefined> {
    const refused = await entitle(options, succession)
    if (refused !== undefined) return refused
    await passOn(succession)
    await changeRecord<Succession, boolean>(kept, successionId, (value) => ({
      value: { ...value, state: 'done' },
      marks: { state: 'done' },
      result: true,
    }))
    options.published()
    return undefined
  }

  async function upkeep(): Promise<void> {
    for await (const { id, value } of everyRecord(kept, ['state', 'agreed'])) await carryOut(id, value)
    for await (const { value } of everyRecord(kept, ['state', 'done'])) await passOn(value)
  }

  // Types are with their successors before anybody asks; what needs the ledger waits until its door is open.
  for await (const { value } of everyRecord(kept, ['state', 'done'])) {
    const [old, successor] = [named(value.from), named(value.to)]
    if (old && successor) await adopt(old, successor, value.typeId)
  }
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => void (running = running.then(upkeep).catch(failed)), upkeepEveryMs)
  timer.unref()

  async function propose({ office, accountId }: Person, typeId: string, to: string): Promise<JsonObject | Refusal> {
    const [old, successor] = [named(office), named(to)]
    if (old === undefined) return refuse('office_not_an_issuer')
    if (!old.office.types.some((type) => type.typeId === typeId)) return refuse('type_not_issued')
    const isFree = successor !== old && successor?.office.types.every((type) => type.typeId !== typeId) === true
    if (successor === undefined || !isFree) return refuse('successor_unknown')
    const successionId = randomId('succession')
    const from = old.office.office
    const value: Succession = { typeId, from, to, proposedBy: accountId, proposedAtMs: nowMs(), state: 'open' }
    await kept.insert(successionId, value, { state: 'open' })
    return { successionId }
  }

  async function decide(person: Person, successionId: string, agree: boolean): Promise<JsonObject | Refusal> {
    const decided = await changeRecord<Succession, Succession | Refusal>(kept, successionId, (value) => {
      if (value.from !== person.office) return { result: refuse('succession_not_found') }
      if (value.state === 'agreed' && agree) return { result: value }
      if (value.state !== 'open') return { result: refuse('succession_not_found') }
      if (agree && value.proposedBy === person.accountId) return { result: refuse('second_officer_needed') }
      const state = agree ? 'agreed' : 'declined'
      const next: Succession = { ...value, state, decidedBy: person.accountId, decidedAtMs: nowMs() }
      return { value: next, marks: { state }, result: next }
    })
    if (decided === undefined) return refuse('succession_not_found')
    if (isRefusal(decided)) return decided
    if (!agree) return { state: 'declined' }
    return (await carryOut(successionId, decided)) ?? { state: 'done' }
  }

  const officers = ['issuer_clerk', 'issuer_officer', 'department_officer'] as const
  const endpoints: readonly DeskEndpoint[] = [
    {
      method: 'GET',
      path: '/successions',
      id: 'listSuccessions',
      summary: 'Which types have passed from which office to which, for whoever relies on their certificates.',
      who: 'anyone',
      answer: anyObject,
      refusals: [],
      async handle() {
        const found: JsonObject[] = []
        for await (const { value } of everyRecord(kept, ['state', 'done'])) {
          const { typeId, from, to, decidedAtMs = 0 } = value
          found.push({ typeId, from: faceOf(named(from), from), to: faceOf(named(to), to), decidedAtMs })
        }
        return { successions: found }
      },
    },
    {
      method: 'GET',
      path: '/proposals',
      id: 'listProposedSuccessions',
      summary: 'What waits for a second officer of the office.',
      who: officers,
      answer: anyObject,
      refusals: [],
      async handle(call) {
        const { office, accountId } = personOf(call)
        const open = [...(await kept.find('state', 'open')), ...(await kept.find('state', 'agreed'))]
        return {
          proposals: open
            .filter(({ value }) => value.from === office)
            .map(({ id, value: { typeId, to, state, proposedBy } }) => ({
              ...{ successionId: id, typeId, to, state, mine: proposedBy === accountId },
            })),
        }
      },
    },
    {
      method: 'POST',
      path: '/proposals',
      id: 'proposeSuccession',
      summary: 'Proposes that a type of the officer’s office passes to another office.',
      who: officers,
      body: object({ typeId: text(60), successor: text(60) }),
      answer: anyObject,
      refusals: ['office_not_an_issuer', 'type_not_issued', 'successor_unknown'],
      handle(call) {
        const { typeId, successor } = call.body as { readonly typeId: string; readonly successor: string }
        return propose(personOf(call), typeId, successor)
      },
    },
    {
      method: 'POST',
      path: '/proposals/{successionId}/decision',
      id: 'decideSuccession',
      summary: 'Agrees, and the type passes; or turns it down.',
      who: officers,
      body: object({ agree: { type: 'boolean' } }),
      answer: anyObject,
      refusals: ['succession_not_found', 'second_officer_needed', 'type_authority_elsewhere'],
      handle: (call) =>
        decide(personOf(call), call.params['successionId'] ?? '', (call.body as { readonly agree: boolean }).agree),
    },
  ]
  return {
    name: 'succession',
    endpoints,
    refusals: { ...successionRefusals, ...ofIssuers },
    upkeep,
    async close() {
      clearInterval(timer)
      await running
    },
  }
}

function faceOf(office: IssuerDeskOffice | undefined, word: string): JsonObject {
  return office ? { office: word, names: office.names, did: office.did } : { office: word }
}

async function adopt(old: IssuerDeskOffice, successor: IssuerDeskOffice, typeId: string): Promise<void> {
  const type = old.office.types.find((known) => known.typeId === typeId)
  const described = await old.types.get(typeId)
  if (type && described) successor.types.adopt({ type, fields: described.fields, linkage: described.linkage })
}

/** The successor's right first, then the end of the old one: at no moment is there nobody. */
async function entitle(
  { group, offices, authority }: SuccessionDeskOptions,
  { typeId, from, to }: Succession,
): Promise<Refusal | undefined> {
  const didOf = (word: string) => offices.find(({ office }) => office.office === word)?.did as IssuerDeskOffice['did']
  const hasRight = async (word: string) => {
    const path = `/issuers?issuer=${encodeURIComponent(didOf(word))}&typeId=${typeId}`
    const { issuers } = (await group.get(path)) as { readonly issuers: readonly { readonly endedAtMs?: number }[] }
    return issuers.some(({ endedAtMs }) => endedAtMs === undefined)
  }
  const type = { typeId: typeId as `type_${string}` }
  const steps: readonly (readonly [isDone: boolean, wanted: Action])[] = [
    [await hasRight(to), action(credentials.authoriseIssuer, { issuer: didOf(to), ...type })],
    [!(await hasRight(from)), action(credentials.withdrawIssuer, { issuer: didOf(from), ...type })],
  ]
  for (const [isDone, wanted] of steps) {
    if (isDone) continue
    if (authority === undefined) return refuse('type_authority_elsewhere')
    const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, authority)
    const [outcome] = await group.submit([jws])
    if (outcome?.status !== 'committed') return refuse('type_authority_elsewhere')
    if (outcome.height !== undefined) await group.readModelReached(outcome.height)
  }
  return undefined
}
