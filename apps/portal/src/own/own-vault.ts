/**
 * Opening and closing the resident's own vault. Each time something is taken or shown, the passkey is asked anew: the keys
 * inside are in the clear for as long as that act takes, and never outside of this browser.
 */
import { deriveSecret } from '@chengxin/client'
import {
  contentAsJson,
  emptyContent,
  indexOf,
  newDataKey,
  type OwnContent,
  openContent,
  prfInput,
  readContent,
  sealContent,
  unwrapDataKey,
  type WrappedKey,
  wrapDataKey,
} from '@chengxin/holder'
import { fromBase64url, isRefusal, type Refusal, toBase64url } from '@chengxin/kernel'
import { ApiProblem } from '../api/http.ts'
import { type KeptVault, own } from '../api/own.ts'
import type { SignedInPerson } from '../api/sign-in.ts'
import { recall, remember } from '../device-memory.ts'

export interface Owner {
  readonly person: SignedInPerson
  readonly rpId: string
}

/** What an act makes of the content, and what it tells whoever asked for it. */
export interface Changed {
  readonly content: OwnContent
}

/** A vault with its key in the clear: kept by a page for as long as one act takes, and no longer. */
export interface OpenVault {
  readonly account: string
  readonly dataKey: Uint8Array
  readonly keys: readonly WrappedKey[]
  readonly version: number
  readonly content: OwnContent
}

/** Under which name the device remembers the newest version that it has seen: an older one is not put before it again. */
const seenVersion = 'own-vault'

/** Begins a vault that this device's passkey opens. With `before`, in the place of one that cannot be opened any more. */
export async function beginOwnVault(owner: Owner, before?: KeptVault): Promise<OwnContent> {
  const { account } = await own.read()
  const { credentialId, secret } = await derived(owner, credentialsOf(owner))
  const dataKey = newDataKey()
  const keys = [await wrapDataKey(dataKey, secret, { account, credentialId })]
  const version = before?.version ?? 0
  await keep({ account, dataKey, keys, version }, emptyContent, before !== undefined)
  return emptyContent
}

/** What is in the vault; the passkey is asked. */
export async function readOwnVault(owner: Owner): Promise<OwnContent> {
  return (await openVault(owner)).content
}

/** Opens the vault, does something with it and keeps what comes of it. What the act refuses is thrown with its code. */
export async function changeOwnVault<T extends Changed>(
  owner: Owner,
  act: (content: OwnContent) => Promise<T | Refusal>,
  codeOf: (refusal: Refusal) => string = ({ refused }) => refused,
): Promise<T> {
  const vault = await openVault(owner)
  const changed = await act(vault.content)
  if (isRefusal(changed)) throw problem(codeOf(changed))
  await keepMerged(vault, changed.content)
  return changed
}

/** The first half of letting one more passkey open the vault: one that opens it is asked. */
export async function openForAnother(owner: Owner): Promise<OpenVault> {
  const vault = await openVault(owner)
  if (othersOf(owner, vault).length === 0) throw problem('own_vault_no_other_passkey')
  return vault
}

/** The second half: the new passkey is asked, at once, since a browser allows that only right after a press of a button. */
export async function letAnotherOpen(owner: Owner, vault: OpenVault): Promise<void> {
  const others = othersOf(owner, vault)
  const { credentialId, secret } = await derived(owner, others)
  const wrapped = await wrapDataKey(vault.dataKey, secret, { account: vault.account, credentialId })
  await keep({ ...vault, keys: [...vault.keys, wrapped] }, vault.content)
}

function othersOf(owner: Owner, { keys }: OpenVault): readonly string[] {
  const opening = new Set(keys.map(({ credentialId }) => credentialId))
  return credentialsOf(owner).filter((credentialId) => !opening.has(credentialId))
}

function credentialsOf({ person }: Owner): readonly string[] {
  return person.passkeys.map(({ credentialId }) => credentialId)
}

async function openVault(owner: Owner): Promise<OpenVault> {
  const { account, vault } = await own.read()
  if (vault === undefined) throw problem('own_vault_missing')
  if (vault.lostAtMs !== undefined) throw problem('own_vault_lost')
  // Whoever keeps the vault could put an older one in its place, with certificates that were removed or copies that were shown.
  if (vault.version < Number(recall(`${seenVersion}.${account}`) ?? 0)) throw problem('vault_not_opened')
  const { credentialId, secret } = await derived(
    owner,
    vault.keys.map((key) => key.credentialId),
  )
  const wrapped = vault.keys.find((key) => key.credentialId === credentialId)
  const dataKey = wrapped && (await unwrapDataKey(wrapped, secret, { account, credentialId }))
  if (dataKey === undefined || isRefusal(dataKey)) throw problem('vault_key_not_fitting')
  return { account, dataKey, keys: vault.keys, version: vault.version, content: await opened(vault, dataKey, account) }
}

async function opened({ sealed, version }: KeptVault, dataKey: Uint8Array, account: string): Promise<OwnContent> {
  const json = await openContent(sealed, dataKey, { account, version })
  const content = isRefusal(json) ? json : readContent(json)
  if (isRefusal(content)) throw problem(content.refused)
  return content
}

async function derived({ rpId }: Owner, credentialIds: readonly string[]) {
  const ids = credentialIds.map((id) => fromBase64url(id)).filter((id) => id !== undefined)
  if (ids.length === 0) throw problem('own_vault_needs_passkey')
  const { credentialId, secret } = await deriveSecret(rpId, ids, prfInput)
  if (secret === undefined) throw problem('passkey_without_prf')
  return { credentialId: toBase64url(credentialId), secret }
}

/** Where another browser was faster, what this one has added is put beside what that one did. */
async function keepMerged(vault: OpenVault, content: OwnContent): Promise<void> {
  try {
    await keep(vault, content)
  } catch (fault) {
    if (!(fault instanceof ApiProblem) || fault.code !== 'own_vault_changed') throw fault
    const { vault: newest } = await own.read()
    if (newest === undefined) throw fault
    const theirs = await opened(newest, vault.dataKey, vault.account)
    const merged = merge(vault.content, content, theirs)
    await keep({ ...vault, keys: newest.keys, version: newest.version }, merged)
  }
}

function merge(before: OwnContent, mine: OwnContent, theirs: OwnContent): OwnContent {
  const added = <T>(list: (content: OwnContent) => readonly T[], idOf: (item: T) => string): readonly T[] => {
    const known = new Set([...list(before), ...list(theirs)].map(idOf))
    return [...list(theirs), ...list(mine).filter((item) => !known.has(idOf(item)))]
  }
  return {
    v: 1,
    holdings: added(
      ({ holdings }) => holdings,
      ({ certificateId }) => certificateId,
    ),
    consents: added(
      ({ consents }) => consents,
      ({ consentId }) => consentId,
    ),
    orders: added(
      ({ orders }) => orders,
      ({ transactionId }) => transactionId,
    ),
  }
}

async function keep(vault: Omit<OpenVault, 'content'>, content: OwnContent, anew = false): Promise<void> {
  const { account, dataKey, keys, version } = vault
  const sealed = await sealContent(contentAsJson(content), dataKey, { account, version: version + 1 })
  const next = { version, sealed, keys, index: indexOf(content), ...(anew && { anew }) }
  remember(`${seenVersion}.${account}`, String((await own.keep(next)).version))
}

/** Told in the reader's language by its code. */
function problem(code: string): ApiProblem {
  return new ApiProblem(409, code, '')
}
