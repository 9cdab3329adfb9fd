/**
 * The types of an office, from a draft to a right: an officer describes fields in a form, the hashes are put on the ledger by
 * whoever has the authority, and only what the ledger knows is issued.
 */
import {
  type Action,
  action,
  buildTransaction,
  credentials,
  type GroupClient,
  type Signer,
  TransactionFailed,
} from '@chengxin/client'
import { type GroupId, type Refusal, refuse } from '@chengxin/kernel'
import { type Collection, changeRecord, type Vault } from '../../vault/face.ts'
import { everyRecord } from '../../vault/kept-in-vault.ts'
import { type CertificateType, displayDocument, type Language, schemaDocument } from '../certificate-type.ts'
import { type Field, type Linkage, type Template, typeFrom, weidField } from './fields.ts'

export type TypeState = 'draft' | 'awaiting' | 'published'

export type TypeRecord = {
  readonly typeId: `type_${string}`
  readonly names: { readonly [language in Language]: string }
  readonly fields: readonly Field[]
  readonly linkage: Linkage
  readonly template?: Template
  /** From the day of issue; without an end if absent. */
  readonly validForDays?: number
  readonly state: TypeState
  readonly changedAtMs: number
}

/** A type that was written in code, with the schema that the ledger has. */
export interface BuiltInType {
  readonly type: CertificateType
  readonly fields: readonly Field[]
  readonly linkage: Linkage
}

export interface KnownType extends TypeRecord {
  readonly schemaHash: string
  readonly displayHash: string
}

export interface TypeBookOptions {
  readonly office: string
  readonly vault: Vault
  readonly group: GroupClient
  /** DID that issues. */
  readonly issuer: Signer['did']
  readonly domain?: string
  readonly builtIn: readonly BuiltInType[]
  /** Who may define types, where this node has the key; else the hashes are taken to the authority by hand. */
  readonly authority?: Signer
  readonly nowMs: () => number
  /** Told when the ledger has a new type, which readers do not know yet. */
  readonly announced?: () => void
  /** Told when a type may be issued from now on. */
  readonly published: (type: CertificateType, linkage: Linkage) => void
}

export interface TypeBook {
  all(): Promise<readonly KnownType[]>
  get(typeId: string): Promise<KnownType | undefined>
  /** Refusals: `type_malformed`, `type_name_taken`, `type_not_a_draft`. */
  draft(draft: Omit<TypeRecord, 'state' | 'changedAtMs'>): Promise<KnownType | Refusal>
  /** Takes a type over from another office, as it stands on the ledger; to be called at each opening. */
  adopt(type: BuiltInType): void
  discard(typeId: string): Promise<boolean>
  /** Refusals: `type_not_issued`, `type_not_a_draft`, `type_authority_elsewhere`. */
  publish(typeId: string): Promise<KnownType | Refusal>
}

const technicalNames = new Set(['iss', 'iat', 'nbf', 'exp', 'cnf', 'vct', 'status', 'sub', 'anchor', weidField])

export async function openTypeBook(options: TypeBookOptions): Promise<TypeBook> {
  const { office, vault, builtIn, nowMs } = options
  const records: Collection<TypeRecord> = vault.collection(`issuer-${office}-types`)
  for (const { type, linkage } of builtIn) options.published(type, linkage)
  for await (const { value } of everyRecord(records)) {
    if (value.state === 'published') options.published(typeFrom(value), value.linkage)
  }
  const written = new Map(builtIn.map((each): [string, KnownType] => [each.type.typeId, knownBuiltIn(each)]))

  async function get(typeId: string): Promise<KnownType | undefined> {
    const value = (await records.get(typeId))?.value
    return written.get(typeId) ?? (value && known(value))
  }

  return {
    get,
    async all() {
      const found = [...written.values()]
      for await (const { value } of everyRecord(records)) found.push(known(value))
      return found
    },
    async draft(draft) {
      if (!isWellFormed(draft.fields)) return refuse('type_malformed')
      if (written.has(draft.typeId)) return refuse('type_name_taken')
      const value: TypeRecord = { ...draft, state: 'draft', changedAtMs: nowMs() }
      if (await records.insert(draft.typeId, value)) return known(value)
      const isChanged = await changeRecord(records, draft.typeId, (before) =>
        before.state === 'draft' ? { value, result: true } : { result: false },
      )
      return isChanged === true ? known(value) : refuse('type_not_a_draft')
    },
    adopt(type) {
      written.set(type.type.typeId, knownBuiltIn(type))
      options.published(type.type, type.linkage)
    },
    async discard(typeId) {
      const value = (await records.get(typeId))?.value
      return value?.state === 'draft' && records.erase(typeId)
    },
    async publish(typeId) {
      const value = (await records.get(typeId))?.value
      if (value === undefined) return refuse(written.has(typeId) ? 'type_not_a_draft' : 'type_not_issued')
      if (value.state === 'published') return refuse('type_not_a_draft')
      const type = typeFrom(value)
      if (options.authority) await define(options, type, options.authority)
      const isThere = await isDefined(options, type)
      const state = isThere ? 'published' : 'awaiting'
      const changed: TypeRecord = { ...value, state, changedAtMs: nowMs() }
      await changeRecord(records, typeId, () => ({ value: changed, result: true }))
      if (!isThere) return refuse('type_authority_elsewhere')
      await publishDocuments(options.group, type)
      options.published(type, value.linkage)
      options.announced?.()
      return known(changed)
    },
  }
}

function known(record: TypeRecord): KnownType {
  const type = typeFrom(record)
  return { ...record, schemaHash: schemaDocument(type).hash, displayHash: displayDocument(type).hash }
}

function knownBuiltIn({ type, fields, linkage }: BuiltInType): KnownType {
  const { typeId, display } = type
  const names = Object.fromEntries(Object.entries(display).map(([language, { name }]) => [language, name]))
  return {
    ...{ typeId, names: names as KnownType['names'], fields, linkage, state: 'published', changedAtMs: 0 },
    ...{ schemaHash: schemaDocument(type).hash, displayHash: displayDocument(type).hash },
  }
}

function isWellFormed(fields: readonly Field[]): boolean {
  const names = new Set(fields.map(({ name }) => name))
  const hasChoices = fields.every(({ kind, choices }) => kind !== 'choice' || (choices?.length ?? 0) > 0)
  return (
    fields.length > 0 && names.size === fields.length && hasChoices && ![...names].some((n) => technicalNames.has(n))
  )
}

/** Defines the type and entitles the office; what was done before is done. */
async function define({ group, issuer, domain }: TypeBookOptions, type: CertificateType, authority: Signer) {
  const { typeId } = type
  const hashes = { schemaHash: schemaDocument(type).hash, displayHash: displayDocument(type).hash }
  await ensure(group, authority, action(credentials.defineType, { typeId, ...hashes }), 'type_already_exists')
  const right = { issuer, typeId, ...(domain !== undefined && { domain }) }
  await ensure(group, authority, action(credentials.authoriseIssuer, right), 'issuer_already_authorised')
}

async function ensure(group: GroupClient, signer: Signer, wanted: Action, doneBefore: string): Promise<void> {
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
  const [outcome] = await group.submit([jws])
  if (outcome?.status !== 'committed' && outcome?.code !== doneBefore) throw new TransactionFailed(outcome)
  if (outcome.height !== undefined) await group.readModelReached(outcome.height)
}

interface ListedType {
  readonly typeId: string
  readonly schemaHash: string
  readonly displayHash: string
}

/** Whether the ledger has this very type and the office's right to it. */
async function isDefined({ group, issuer }: TypeBookOptions, type: CertificateType): Promise<boolean> {
  const { schemaHash, displayHash } = { schemaHash: schemaDocument(type).hash, displayHash: displayDocument(type).hash }
  const { types } = (await group.get('/credential-types?limit=200')) as { readonly types: readonly ListedType[] }
  const listed = types.find(({ typeId }) => typeId === type.typeId)
  if (listed?.schemaHash !== schemaHash || listed.displayHash !== displayHash) return false
  const path = `/issuers?issuer=${encodeURIComponent(issuer)}&typeId=${type.typeId}`
  const { issuers } = (await group.get(path)) as { readonly issuers: readonly { readonly endedAtMs?: number }[] }
  return issuers.some(({ endedAtMs }) => endedAtMs === undefined)
}

async function publishDocuments(group: GroupClient, type: CertificateType): Promise<void> {
  for (const { hash, text } of [schemaDocument(type), displayDocument(type)]) {
    await group.putDocument(hash, text, 'application/json')
  }
}
