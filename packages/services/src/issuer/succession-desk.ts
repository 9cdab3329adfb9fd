/**
 * The desk of succession: when an office is dissolved, each of its types passes to a named successor. One officer proposes, another
 * agrees; the ledger names the successor, which gets the entitlements and answers for the certificates from then on: its officers
 * revoke them, and who proves the key of one is offered a new one. Anyone may read what passed to whom.
 */
import type { StatusWord } from '@chengxin/audit'
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type Desk, type DeskCall, type DeskEndpoint, type DeskRefusals, personOf } from '../desk/endpoint.ts'
import { type OfficersWords, officersWordRefusals, withOfficersWord } from '../desk/officers-word.ts'
import type { IssuerDeskOffice } from './desk/office.ts'
import { issuerRefusals } from './desk/refusals.ts'
import { after, anyObject, object, statusWish, text } from './desk/shapes.ts'
import { openSuccessions, type SuccessionBook, type SuccessionBookOptions } from './succession-book.ts'
import { inheritedBy, inheritedCertificates, overviewOf } from './succession-views.ts'

export interface SuccessionDeskOptions extends SuccessionBookOptions {
  /** What officers give their word on, at this desk alone. */
  readonly words: OfficersWords
}

export interface SuccessionDesk extends Desk {
  upkeep(): Promise<void>
}

const upkeepEveryMs = 60_000
/** Certificates of a dissolved issuer whose status one officer of its successor changes at a time. */
const mostAtOnce = 10
const { office_not_an_issuer, type_not_issued, type_authority_elsewhere, second_officer_needed } = issuerRefusals
const { issued_certificate_not_found, reason_not_fitting, certificate_revoked } = issuerRefusals
const ofIssuers = {
  ...{ office_not_an_issuer, type_not_issued, type_authority_elsewhere, second_officer_needed },
  ...{ issued_certificate_not_found, reason_not_fitting, certificate_revoked },
  ...officersWordRefusals,
}

/** In the order in which they are checked. */
export const successionRefusals = {
  successor_unknown: ['missing', 'The successor is another issuer of this node, which does not issue the type itself.'],
  succession_open: ['conflict', 'It has been proposed already that this type passes on, or it has passed.'],
  succession_not_found: ['missing', 'Nothing is open under this id: it was decided before.'],
} as const satisfies DeskRefusals

const officers = ['issuer_clerk', 'issuer_officer', 'department_officer'] as const

/** Opens the desk; types that have passed are with their successors when it resolves. */
export async function createSuccessionDesk(options: SuccessionDeskOptions): Promise<SuccessionDesk> {
  const book = await openSuccessions(options)
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => void (running = running.then(book.upkeep).catch(options.failed)), upkeepEveryMs)
  timer.unref()
  return {
    name: 'succession',
    endpoints: [listing(book), ...proposing(book, options.words), ...inheriting(book)],
    refusals: { ...successionRefusals, ...ofIssuers },
    upkeep: book.upkeep,
    async close() {
      clearInterval(timer)
      await running
    },
  }
}

function listing(book: SuccessionBook): DeskEndpoint {
  return {
    method: 'GET',
    path: '/successions',
    id: 'listSuccessions',
    summary: 'Which types have passed from which office to which, for whoever relies on their certificates.',
    who: 'anyone',
    answer: anyObject,
    refusals: [],
    async handle() {
      const done = await book.inState('done')
      const shown = done.map(({ succession: { typeId, from, to, decidedAtMs = 0 } }) => ({
        ...{ typeId, from: faceOf(book.office(from), from), to: faceOf(book.office(to), to), decidedAtMs },
      }))
      return { successions: shown }
    },
  }
}

function proposing(book: SuccessionBook, words: OfficersWords): readonly DeskEndpoint[] {
  return [
    {
      method: 'GET',
      path: '/overview',
      id: 'getSuccessionOverview',
      summary: 'What would pass with each type of the officer’s office, to whom it can, and what has passed before.',
      who: officers,
      answer: anyObject,
      refusals: ['office_not_an_issuer'],
      handle: (call) => overviewOf(book, personOf(call)),
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
        const open = [...(await book.inState('open')), ...(await book.inState('agreed'))]
        const own = open.filter(({ succession }) => succession.from === office)
        const proposals = own.map(({ successionId, succession: { typeId, to, state, proposedBy, proposedAtMs } }) => ({
          ...{ successionId, typeId, to, state, proposedAtMs, mine: proposedBy === accountId },
        }))
        return { proposals }
      },
    },
    ...withOfficersWord(words, {
      method: 'POST',
      path: '/proposals',
      id: 'proposeSuccession',
      summary: 'Proposes that a type of the officer’s office passes to another office.',
      who: officers,
      body: object({ typeId: text(60), successor: text(60) }),
      answer: anyObject,
      refusals: ['office_not_an_issuer', 'type_not_issued', 'successor_unknown', 'succession_open'],
      said: ({ body }) => ({ subject: (body as { readonly typeId: string }).typeId }),
      handle(call, word) {
        const { typeId, successor } = call.body as { readonly typeId: string; readonly successor: string }
        return book.propose({ by: personOf(call), word }, typeId, successor)
      },
    }),
    ...withOfficersWord(words, {
      method: 'POST',
      path: '/proposals/{successionId}/decision',
      id: 'decideSuccession',
      summary: 'Agrees, and the type passes; or turns it down.',
      who: officers,
      body: object({ agree: { type: 'boolean' } }),
      answer: anyObject,
      refusals: ['succession_not_found', 'second_officer_needed', 'type_authority_elsewhere'],
      said: ({ params, body }) => ({
        kind: (body as { readonly agree: boolean }).agree ? 'agree' : 'decline',
        subject: params['successionId'] ?? '',
      }),
      async handle(call, word) {
        const { agree } = call.body as { readonly agree: boolean }
        const decision = { by: personOf(call), word }
        const decided = await book.decide(decision, call.params['successionId'] ?? '', agree)
        if (isRefusal(decided)) return decided
        const { state, entitlements, certificates } = decided
        return state === 'done'
          ? { state, entitlements: entitlements ?? 0, certificates: certificates ?? 0 }
          : { state }
      },
    }),
  ]
}

function inheriting(book: SuccessionBook): readonly DeskEndpoint[] {
  return [
    {
      method: 'GET',
      path: '/inherited',
      id: 'listInheritedCertificates',
      summary: 'Certificates that a dissolved office issued and the officer’s office answers for now, newest first.',
      who: officers,
      query: {
        office: { schema: text(60), about: 'The dissolved office.' },
        typeId: { schema: text(60), about: 'The type.' },
        status: {
          schema: { type: 'string', enum: ['valid', 'suspended', 'revoked', 'superseded'] },
          about: 'The status.',
        },
        ...after,
      },
      answer: anyObject,
      refusals: ['type_not_issued'],
      async handle(call) {
        const { office = '', typeId = '', status = 'valid', after: last } = call.query
        const old = await inheritedBy(book, personOf(call), office, typeId)
        if (old === undefined) return refuse('type_not_issued')
        return inheritedCertificates(old, typeId, status as StatusWord, last)
      },
    },
    {
      method: 'POST',
      path: '/inherited/status',
      id: 'setInheritedStatus',
      summary:
        'Suspends, resumes or revokes certificates of a dissolved office that the officer’s office has succeeded.',
      who: officers,
      body: object({
        ...statusWish.properties,
        office: text(60),
        typeId: text(60),
        references: { type: 'array', items: text(), minItems: 1, maxItems: mostAtOnce, uniqueItems: true },
      }),
      answer: anyObject,
      refusals: ['type_not_issued', 'issued_certificate_not_found', 'reason_not_fitting', 'certificate_revoked'],
      handle: (call) => changeInherited(book, call),
    },
  ]
}

async function changeInherited(book: SuccessionBook, call: DeskCall): Promise<JsonObject | Refusal> {
  const { office, typeId, references, word, reasonCode } = call.body as {
    readonly office: string
    readonly typeId: string
    readonly references: readonly string[]
    readonly word: StatusWord
    readonly reasonCode: string
  }
  const old = await inheritedBy(book, personOf(call), office, typeId)
  if (old === undefined) return refuse('type_not_issued')
  // Types of the same old office may have passed to others, whose certificates these are not to touch.
  for (const reference of references) {
    if ((await old.office.recordOf(reference))?.typeId !== typeId) return refuse('issued_certificate_not_found')
  }
  const outcomes = await old.office.setStatus(references, word, reasonCode)
  const [first] = outcomes
  if (outcomes.length === 1 && first !== undefined && isRefusal(first)) return first
  return { changed: outcomes.filter((outcome) => !isRefusal(outcome)).length }
}

function faceOf(office: IssuerDeskOffice | undefined, word: string): JsonObject {
  return office ? { office: word, names: office.names, did: office.did } : { office: word }
}
