/**
 * Entitlements: what an office will certify of somebody once that person comes with the bureau's certificate of identity.
 * Until then the office knows nobody's wallet, and an entitlement is found by nothing but a keyed hash of document type and
 * number. Where number and person do not fit together, a clerk decides; nothing is guessed.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { fromBase64url, type Json, toBase64url } from '@chengxin/kernel'
import { type Collection, changeRecord, type Vault } from '../../vault/face.ts'
import { everyRecord } from '../../vault/kept-in-vault.ts'
import type { Claims } from '../office-records.ts'
import type { Field } from './fields.ts'
import type { RegisterRow } from './read-register.ts'

/** `passed`: the office was dissolved, and its successor has it now. */
export type EntitlementState = 'open' | 'claimed' | 'withdrawn' | 'passed'

export type Entitlement = {
  readonly typeId: string
  readonly claims: Claims
  readonly state: EntitlementState
  /** Of the import it came with, and the line there. */
  readonly importId: string
  readonly line: number
  readonly madeAtMs: number
  readonly claimedAtMs?: number
}

/** Who somebody is by the bureau's certificate. */
export type Identity = {
  readonly familyName: string
  readonly givenName: string
  readonly birthDate: string
  readonly documentType: string
  readonly documentNumber: string
}

/** A claim that a clerk must look at: the number fits, the person does not. */
export type Doubt = {
  readonly claimId: string
  readonly accountId: string
  readonly entitlementId: string
  readonly typeId: string
  readonly identity: Identity
  /** What did not fit. */
  readonly differs: readonly ('name' | 'birth_date')[]
  readonly raisedAtMs: number
  readonly state: 'open' | 'granted' | 'refused'
  readonly decidedBy?: string
}

export interface EntitlementBook {
  /** Makes one for each row; told twice, there is still one. The same bytes of a row make the same entitlement. */
  make(importId: string, typeId: string, rows: readonly RegisterRow[]): Promise<number>
  /** What is there for this document. */
  findFor(documentType: string, documentNumber: string): Promise<readonly Found[]>
  get(entitlementId: string): Promise<Entitlement | undefined>
  /** False where it was claimed or withdrawn before. */
  claim(entitlementId: string): Promise<boolean>
  withdraw(entitlementId: string): Promise<boolean>
  list(typeId: string, after?: string): Promise<readonly Found[]>
  count(typeId: string, state: EntitlementState): Promise<number>
  /**
   * Hands over to a successor what nobody has a certificate of yet; what was claimed without fetching one is open again there.
   * Told again after an interruption, it hands over what is left; resolves to how many there were this time.
   */
  passOn(typeId: string, successor: EntitlementBook, isCertified: IsCertified): Promise<number>
  /** Takes over what `passOn` hands out, with the secret by which documents find it. */
  takeOver(secret: string, entitlements: readonly Found[]): Promise<void>
}

export type IsCertified = (entitlementId: string) => Promise<boolean>

export interface Found {
  readonly entitlementId: string
  readonly entitlement: Entitlement
}

/** Records that are written at a time. */
const writesAtOnce = 512

export async function openEntitlements(vault: Vault, office: string, nowMs: () => number): Promise<EntitlementBook> {
  const records: Collection<Entitlement> = vault.collection(`issuer-${office}-entitlements`)
  const secrets: Secrets = vault.collection(`issuer-${office}-secrets`)
  const secret = await officeSecret(secrets)

  const marksOf = (value: Entitlement, document: string) => ({
    document,
    type: `${value.typeId} ${value.state}`,
    all: value.typeId,
  })

  async function change(entitlementId: string, state: EntitlementState): Promise<boolean> {
    const changed = await changeRecord<Entitlement, boolean>(records, entitlementId, (value) => {
      if (value.state !== 'open') return { result: false }
      const next: Entitlement = { ...value, state, ...(state === 'claimed' && { claimedAtMs: nowMs() }) }
      return { value: next, marks: marksOf(next, documentOf(entitlementId)), result: true }
    })
    return changed === true
  }

  /** Those that a document leads to: under the office's own secret, and under those of offices that it succeeded. */
  async function findFor(documentType: string, documentNumber: string): Promise<readonly Found[]> {
    const found: Found[] = []
    for await (const { value } of everyRecord(secrets)) {
      const mark = documentMark(fromBase64url(value.secret) as Uint8Array, documentType, documentNumber)
      for await (const { id, value: entitlement } of everyRecord(records, ['document', mark])) {
        if (entitlement.state !== 'passed') found.push({ entitlementId: id, entitlement })
      }
    }
    return found
  }

  async function passOn(typeId: string, successor: EntitlementBook, isCertified: IsCertified): Promise<number> {
    let passed = 0
    for (const state of ['open', 'claimed'] as const) {
      let rest: Found[] = []
      for await (const { id, value } of everyRecord(records, ['type', `${typeId} ${state}`])) {
        if (state === 'open' || !(await isCertified(id))) rest.push({ entitlementId: id, entitlement: value })
      }
      while (rest.length > 0) {
        const part = rest.slice(0, writesAtOnce)
        // The successor first: cut off in between, an entitlement is handed over again and taken once.
        await successor.takeOver(toBase64url(secret), part)
        await Promise.all(part.map(({ entitlementId }) => note(entitlementId, 'passed')))
        passed += part.length
        rest = rest.slice(writesAtOnce)
      }
    }
    return passed
  }

  const note = (entitlementId: string, state: EntitlementState) =>
    changeRecord<Entitlement, boolean>(records, entitlementId, (value) => {
      const next: Entitlement = { ...value, state }
      return { value: next, marks: marksOf(next, documentOf(entitlementId)), result: true }
    })

  return {
    passOn,
    async takeOver(theirs, entitlements) {
      await secrets.insert(`of ${keyed(fromBase64url(theirs) as Uint8Array, 'name', '')}`, { secret: theirs })
      await Promise.all(
        entitlements.map(async ({ entitlementId, entitlement: { claimedAtMs: _, ...rest } }) => {
          const value: Entitlement = { ...rest, state: 'open' }
          if (await records.insert(entitlementId, value, marksOf(value, documentOf(entitlementId)))) return
          // It has come back to an office that passed it on before.
          if ((await records.get(entitlementId))?.value.state === 'passed') await note(entitlementId, 'open')
        }),
      )
    },
    async make(importId, typeId, rows) {
      let made = 0
      for (let start = 0; start < rows.length; start += writesAtOnce) {
        const part = rows.slice(start, start + writesAtOnce)
        const inserted = await Promise.all(
          part.map(({ line, claims, documentType, documentNumber }) => {
            const document = documentMark(secret, documentType, documentNumber)
            const value: Entitlement = { typeId, claims, state: 'open', importId, line, madeAtMs: nowMs() }
            const id = `${document}.${keyed(secret, 'row', `${importId}\n${line}`).slice(0, 22)}`
            return records.insert(id, value, marksOf(value, document))
          }),
        )
        made += inserted.filter(Boolean).length
      }
      return made
    },
    findFor,
    get: async (id) => (await records.get(id))?.value,
    claim: (id) => change(id, 'claimed'),
    withdraw: (id) => change(id, 'withdrawn'),
    async list(typeId, after) {
      const page = { limit: 50, ...(after !== undefined && { after }) }
      const found = await records.find('all', typeId, page)
      return found.map(({ id, value }) => ({ entitlementId: id, entitlement: value }))
    },
    count: (typeId, state) => records.count('type', `${typeId} ${state}`),
  }
}

type Secrets = Collection<{ readonly secret: string }>

/** Made once, and kept with everything else that opens nothing without the vault's key. */
async function officeSecret(secrets: Secrets): Promise<Uint8Array> {
  await secrets.insert('documents', { secret: toBase64url(randomBytes(32)) })
  const kept = await secrets.get('documents')
  return fromBase64url(kept?.value.secret ?? '') as Uint8Array
}

/** Without the office's secret nobody can try out numbers, of which there are only so many. */
function documentMark(secret: Uint8Array, type: string, number: string): string {
  const plain = `${type}\n${number.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`
  return keyed(secret, 'document', plain)
}

/** The document's mark is in the id, because nothing of a document stands in the record. */
function documentOf(entitlementId: string): string {
  return entitlementId.split('.')[0] as string
}

function keyed(secret: Uint8Array, purpose: string, text: string): string {
  return createHmac('sha256', secret).update(`${purpose}\n${text}`).digest('base64url')
}

/** What does not fit between an entitlement and a person; nothing where they are the same as far as both say. */
export function differencesOf(claims: Claims, fields: readonly Field[], identity: Identity): Doubt['differs'] {
  const valuesOf = (meaning: Field['meaning']) =>
    fields.flatMap((field): string[] => {
      const value: Json | undefined = claims[field.name]
      return field.meaning === meaning && typeof value === 'string' ? [value] : []
    })
  const [births, names] = [valuesOf('birth_date'), valuesOf('name').map(plainName)]
  const own = [`${identity.familyName}${identity.givenName}`, `${identity.givenName}${identity.familyName}`].map(
    plainName,
  )
  const isBornOtherwise = births.length > 0 && !births.includes(identity.birthDate)
  const isCalledOtherwise = names.length > 0 && !names.some((name) => own.includes(name))
  return [...(isCalledOtherwise ? (['name'] as const) : []), ...(isBornOtherwise ? (['birth_date'] as const) : [])]
}

/** Letters of any script without marks, case or anything between them. */
function plainName(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[^\p{L}]/gu, '')
    .toUpperCase()
}
