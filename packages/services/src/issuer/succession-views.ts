/** What officers see of successions: what would pass, to whom it can, what has passed, and what came to them. */
import type { StatusWord } from '@chengxin/audit'
import { type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { Person } from '../desk/person.ts'
import type { IssuerDeskOffice } from './desk/office.ts'
import type { Listed, SuccessionBook } from './succession-book.ts'

/** Refusals: `office_not_an_issuer`. */
export async function overviewOf(
  book: SuccessionBook,
  { office: word, accountId }: Person,
): Promise<JsonObject | Refusal> {
  const own = book.office(word)
  if (own === undefined) return refuse('office_not_an_issuer')
  const [open, agreed, done] = [await book.inState('open'), await book.inState('agreed'), await book.inState('done')]
  const leaving = (listed: readonly Listed[]) => listed.filter(({ succession }) => succession.from === word)
  const waiting = [...leaving(open), ...leaving(agreed)]
  const gone = leaving(done)
  const described = await own.types.all()
  const published = described.filter(({ state }) => state === 'published')
  const types = published.map(async ({ typeId, names }) => ({
    ...{ typeId, names },
    // A type is at most one of these; one that waits can still be called off.
    state: stateOf(typeId, waiting, gone),
    certificates: (await own.office.count(typeId, 'valid')) + (await own.office.count(typeId, 'suspended')),
    entitlements: await own.entitlements.count(typeId, 'open'),
    successors: book.successorsFor(own, typeId).map(({ office }) => office.office),
  }))
  return plain({
    types: await Promise.all(types),
    statusLists: own.office.statusLists,
    offices: book.offices.filter((each) => each !== own).map(faceOf),
    proposals: waiting.map(({ successionId, succession: { typeId, to, state, proposedBy, proposedAtMs } }) => ({
      ...{ successionId, typeId, to, state, proposedAtMs, mine: proposedBy === accountId },
    })),
    passed: gone.map(({ succession }) => told(succession)),
    inherited: done
      .filter(({ succession }) => succession.to === word)
      .map(({ succession }) => ({ ...told(succession), names: namesOf(book, succession) })),
  })
}

function stateOf(typeId: string, waiting: readonly Listed[], gone: readonly Listed[]): 'here' | 'proposed' | 'passed' {
  if (gone.some(({ succession }) => succession.typeId === typeId)) return 'passed'
  return waiting.some(({ succession }) => succession.typeId === typeId) ? 'proposed' : 'here'
}

function told({ typeId, from, to, decidedAtMs, entitlements, certificates, listsPassed }: Listed['succession']) {
  return { typeId, from, to, decidedAtMs, entitlements, certificates, listsPassed: listsPassed === true }
}

/** What a type is called is known at the office that it came from, also before the successor has issued any. */
function namesOf(book: SuccessionBook, { typeId, from }: Listed['succession']): Json {
  const type = book.office(from)?.office.types.find((known) => known.typeId === typeId)
  return Object.fromEntries(Object.entries(type?.display ?? {}).map(([language, { name }]) => [language, name]))
}

function faceOf({ office, names, did }: IssuerDeskOffice) {
  return { office: office.office, names, did }
}

/** The dissolved office, where the officer's own has succeeded it for this type. */
export async function inheritedBy(
  book: SuccessionBook,
  { office }: Person,
  from: string,
  typeId: string,
): Promise<IssuerDeskOffice | undefined> {
  const done = await book.inState('done')
  const isOurs = done.some(
    ({ succession }) => succession.to === office && succession.from === from && succession.typeId === typeId,
  )
  return isOurs ? book.office(from) : undefined
}

export async function inheritedCertificates(
  { office }: IssuerDeskOffice,
  typeId: string,
  status: StatusWord,
  after: string | undefined,
): Promise<JsonObject> {
  const records = await office.list(typeId, status, after)
  const certificates = records.map(async (record) => ({
    ...record,
    places: record.places.length,
    claims: await office.claimsOf(record.subject, record.typeId),
  }))
  return plain({ certificates: await Promise.all(certificates) })
}

/** Members that are absent are left out. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}
