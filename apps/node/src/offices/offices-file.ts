/**
 * `offices.json` in a node's data directory: which offices this node serves, by which keys of its keystore. Private keys never
 * stand in it. It is written by `chengxin office` and read at start.
 */
import { existsSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { type Did, isDid } from '@chengxin/kernel'
import type { Field } from '@chengxin/services/issuer'
import type { Catalogue } from '@chengxin/services/sharing'
import type { Purpose, Texts } from '@chengxin/services/verifier'
import { type AccountEntry, wrongInAccounts } from './accounts.ts'

/** What an office is for; the last five are no offices with a counter, but keys that act for one. */
export const officeKinds = [
  ...['bureau', 'issuer', 'department', 'verifier'],
  ...['registrar', 'authority', 'keeper', 'agent', 'seat'],
] as const as readonly OfficeKind[]
export type OfficeKind = CounterKind | 'registrar' | 'authority' | 'keeper' | 'agent' | 'seat'
/** Offices that people meet: they have names, a domain and an X.509 certificate. */
export type CounterKind = 'bureau' | 'issuer' | 'department' | 'verifier'

export interface OfficeEntry {
  /** A word: in addresses, and by which officers are known. */
  readonly office: string
  readonly kind: OfficeKind
  readonly did: Did
  /** Name of its key in the node's keystore. */
  readonly key: string
  readonly names?: Texts
  readonly domain?: string
  /** What it asks holders for. Whoever issues also asks who claims a certificate; that need not be written. */
  readonly purposes?: readonly Purpose[]
  /** Licences that a department answers for. */
  readonly types?: readonly TypeEntry[]
}

export interface TypeEntry {
  readonly typeId: `type_${string}`
  readonly names: Texts
  readonly linkage: 'identified' | 'unlinkable'
  readonly fields: readonly Field[]
  /** Codes of the type and of the department, for whoever asks for a licence of it. */
  readonly catalogue?: Catalogue
}

export interface OfficesFile {
  readonly v: 1
  /** The folder of the group that the offices work in. */
  readonly group: string
  readonly offices: readonly OfficeEntry[]
  /** Programs that act by keys that this node holds for them. */
  readonly accounts?: readonly AccountEntry[]
}

export class OfficesFault extends Error {
  override readonly name = 'OfficesFault'
}

const counterKinds: readonly OfficeKind[] = ['bureau', 'issuer', 'department', 'verifier']

export function isCounter(kind: OfficeKind): kind is CounterKind {
  return counterKinds.includes(kind)
}

/** Undefined where there is no file. Throws `OfficesFault` with the first mistake. */
export async function readOffices(file: string): Promise<OfficesFile | undefined> {
  if (!existsSync(file)) return undefined
  const text = await readFile(file, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OfficesFault(`${file} is not JSON.`)
  }
  const wrong = wrongIn(value)
  if (wrong !== undefined) throw new OfficesFault(`${file}: ${wrong} is missing or wrong.`)
  return value as OfficesFile
}

/** Whole or not at all. */
export async function writeOffices(file: string, offices: OfficesFile): Promise<void> {
  const draft = `${file}.new`
  const handle = await open(draft, 'w', 0o600)
  await handle.writeFile(`${JSON.stringify(offices, undefined, 2)}\n`)
  await handle.sync()
  await handle.close()
  await rename(draft, file)
}

export const officeWord = /^[a-z][a-z-]{0,40}$/
const domainName = /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/

type Members = { readonly [name: string]: unknown }

function wrongIn(value: unknown): string | undefined {
  const { v, group, offices, accounts } = membersOf(value)
  if (v !== 1) return 'v'
  if (!isWord(group)) return 'group'
  if (!Array.isArray(offices)) return 'offices'
  const words = new Set<unknown>()
  let bureaus = 0
  for (const [index, each] of (offices as readonly unknown[]).entries()) {
    const wrong = wrongInOffice(membersOf(each))
    if (wrong !== undefined) return `offices[${index}].${wrong}`
    const { office, kind } = each as OfficeEntry
    if (words.has(office)) return `offices[${index}].office, which stands twice,`
    words.add(office)
    if (kind === 'bureau' && ++bureaus > 1) return `offices[${index}].kind, a second bureau,`
  }
  return accounts === undefined ? undefined : wrongInAccounts(accounts)
}

function wrongInOffice({ office, kind, did, key, names, domain, purposes, types }: Members): string | undefined {
  const isKnown = officeKinds.some((known) => known === kind)
  const isPublic = isKnown && isCounter(kind as OfficeKind)
  const checks: readonly (readonly [name: string, holds: boolean])[] = [
    ['office', typeof office === 'string' && officeWord.test(office)],
    ['kind', isKnown],
    ['did', typeof did === 'string' && isDid(did)],
    ['key', isWord(key)],
    ['names', isPublic ? isTexts(names) : names === undefined],
    ['domain', isPublic ? typeof domain === 'string' && domainName.test(domain) : domain === undefined],
    ['purposes', purposes === undefined || (isPublic && Array.isArray(purposes) && purposes.every(isPurpose))],
    ['types', types === undefined || (kind === 'department' && Array.isArray(types) && types.every(isType))],
  ]
  return checks.find(([, holds]) => !holds)?.[0]
}

export function isPurpose(value: unknown): value is Purpose {
  const { purposeId, texts, ground, keepDays, types } = membersOf(value)
  const { kind, reference } = membersOf(ground)
  const isGrounded = kind === 'consent' || (kind === 'law' && isText(reference))
  const isKept = Number.isSafeInteger(keepDays) && (keepDays as number) >= 0 && (keepDays as number) <= 36_525
  const allowed = Array.isArray(types) ? (types as readonly unknown[]).map(membersOf) : []
  const isAllowing = allowed.every(
    ({ typeId, fields }) => isText(typeId) && Array.isArray(fields) && fields.length > 0 && fields.every(isText),
  )
  return isWord(purposeId) && isTexts(texts) && isGrounded && isKept && allowed.length > 0 && isAllowing
}

export function isType(value: unknown): value is TypeEntry {
  const { typeId, names, linkage, fields, catalogue } = membersOf(value)
  const isNamed = typeof typeId === 'string' && /^type_[a-z0-9-]{1,50}$/.test(typeId) && isTexts(names)
  const described = Array.isArray(fields) ? (fields as readonly unknown[]).map(membersOf) : []
  const isDescribed = described.every(
    ({ name, labels, kind, isRequired }) =>
      typeof name === 'string' &&
      /^[a-z][a-z0-9_]{0,39}$/.test(name) &&
      isTexts(labels) &&
      ['text', 'date', 'decimal', 'choice', 'code'].includes(kind as string) &&
      typeof isRequired === 'boolean',
  )
  const isLinked = linkage === 'identified' || linkage === 'unlinkable'
  const isListed = catalogue === undefined || isCatalogue(catalogue)
  return isNamed && isLinked && described.length > 0 && isDescribed && isListed
}

function isCatalogue(value: unknown): value is Catalogue {
  const { typeCode, issuerCode, elements = {} } = membersOf(value)
  const isCode = (code: unknown) => typeof code === 'string' && /^[0-9A-Z]{1,40}$/.test(code)
  const named = Object.entries(membersOf(elements))
  const isNaming = named.every(
    ([element, field]) => ['number', 'issuedOn', 'validFrom', 'validUntil'].includes(element) && isText(field),
  )
  return isCode(typeCode) && isCode(issuerCode) && isNaming
}

export function isTexts(value: unknown): value is Texts {
  const texts = membersOf(value)
  return ['en', 'zh-Hans', 'zh-Hant', 'pt'].every((language) => isText(texts[language]))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 500
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(value)
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
}
