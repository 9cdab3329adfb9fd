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

export type EntitlementState = 'open' | 'claimed' | 'withdrawn'

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
}

export interface Found {
  readonly entitlementId: string
  readonly entitlement: Entitlement
}

/** Records that are written at a time. */
const writesAtOnce = 512

export async function openEntitlements(vault: Vault, office: string, nowMs: () => number): Promise<EntitlementBook> {
  const records: Collection<Entitlement> = vault.collection(`issuer-${office}-entitlements`)
  const secret = await officeSecret(vault, office)

  /** Without the office's secret nobody can try out numbers, of which there are only so many. */
  function documentMark(type: string, number: string): string {
    const plain = `${type}\n${number.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`
    return keyed(secret, 'document', plain)
  }
  const marksOf = (value: Entitlement, document: string) => ({
    document,
    type: `${value.typeId} ${value.state}`,
    all: value.typeId,
  })

  async function change(entitlementId: string, state: EntitlementState): Promise<boolean> {
    const changed = await changeRecord<Entitlement, boolean>(records, entitlementId, (value) => {
      if (value.state !== 'open') return { result: false }
      const next: Entitlement = { ...value, state, ...(state === 'claimed' && { claimedAtMs: nowMs() }) }
      // The document's mark is in the id, because nothing of a document stands in the record.
      return { value: next, marks: marksOf(next, entitlementId.split('.')[0] as string), result: true }
    })
    return changed === true
  }

  return {
    async make(importId, typeId, rows) {
      let made = 0
      for (let start = 0; start < rows.length; start += writesAtOnce) {
        const part = rows.slice(start, start + writesAtOnce)
        const inserted = await Promise.all(
          part.map(({ line, claims, documentType, documentNumber }) => {
            const document = documentMark(documentType, documentNumber)
            const value: Entitlement = { typeId, claims, state: 'open', importId, line, madeAtMs: nowMs() }
            const id = `${document}.${keyed(secret, 'row', `${importId}\n${line}`).slice(0, 22)}`
            return records.insert(id, value, marksOf(value, document))
          }),
        )
        made += inserted.filter(Boolean).length
      }
      return made
    },
    async findFor(documentType, documentNumber) {
      const found: Found[] = []
      const mark = ['document', documentMark(documentType, documentNumber)] as const
      for await (const { id, value } of everyRecord(records, mark))
        found.push({ entitlementId: id, entitlement: value })
      return found
    },
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

/** Made once, and kept with everything else that opens nothing without the vault's key. */
async function officeSecret(vault: Vault, office: string): Promise<Uint8Array> {
  const secrets: Collection<{ readonly secret: string }> = vault.collection(`issuer-${office}-secrets`)
  await secrets.insert('documents', { secret: toBase64url(randomBytes(32)) })
  const kept = await secrets.get('documents')
  return fromBase64url(kept?.value.secret ?? '') as Uint8Array
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
