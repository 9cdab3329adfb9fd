/**
 * The keys of a vault. Each record has a key of its own; a master key wraps those; the passphrase, by way of scrypt
 * (RFC 7914), wraps the master key. Rotation makes a new master key and wraps all records' keys anew; in between, both
 * master keys are known, so that an interruption loses nothing. Marks are hashed under a key that stays.
 */
import { createHmac, createSecretKey, randomBytes, scrypt } from 'node:crypto'
import { freshBytes } from '@chengxin/crypto/node'
import { concatBytes, fromBase64url, toBase64url } from '@chengxin/kernel'
import { seal, unseal } from './sealing.ts'
import { VaultDamaged, VaultLocked } from './store-face.ts'

export interface VaultKeys {
  /** The keyed hash by which a record is found. */
  markOf(collection: string, name: string, value: string): string
  newRecordKey(): Uint8Array
  wrap(recordKey: Uint8Array, collection: string, id: string): Uint8Array
  /** Throws `VaultDamaged`. */
  unwrap(wrapped: Uint8Array, collection: string, id: string): Uint8Array
  /** Whether a wrapped key was wrapped by the newest master key. */
  isCurrent(wrapped: Uint8Array): boolean
  /** Whether a rotation was begun and not ended. */
  readonly isRotating: boolean
  readonly isEncrypted: boolean
  readonly masterSinceMs: number
}

interface Master {
  readonly masterId: string
  readonly createdAtMs: number
  /** Sealed under the passphrase's key, or plain where there is none. */
  readonly secret: string
}

interface Header {
  readonly v: 1
  readonly kdf?: { readonly n: number; readonly r: number; readonly p: number; readonly salt: string }
  readonly marks: string
  /** Oldest first; two while a rotation is under way. */
  readonly masters: readonly Master[]
}

interface OpenMaster {
  readonly id: Uint8Array
  readonly key: Uint8Array
  readonly createdAtMs: number
}

/** 128 MiB and some tenths of a second for each guess. */
const cost = { n: 2 ** 17, r: 8, p: 1 } as const
const masterIdBytes = 8

/** The header of a new vault, as text to be stored. */
export async function newVaultHeader(passphrase: string | undefined, nowMs: number): Promise<string> {
  return writeHeader([newMaster(nowMs)], randomBytes(32), passphrase)
}

/** Opens a header. Throws `VaultLocked` where the passphrase is missing or wrong. */
export async function openVaultKeys(text: string, passphrase: string | undefined): Promise<VaultKeys> {
  const { masters, marks, header } = await readHeader(text, passphrase)
  const current = masters.at(-1) as OpenMaster
  const marksKey = createSecretKey(marks)
  const byId = new Map(masters.map((master) => [toBase64url(master.id), master]))
  return {
    markOf: (collection, name, value) => {
      const hash = createHmac('sha256', marksKey)
        .update(JSON.stringify([collection, name, value]))
        .digest()
      return toBase64url(hash.subarray(0, 18))
    },
    newRecordKey: () => freshBytes(32),
    wrap: (recordKey, collection, id) => concatBytes(current.id, seal(current.key, recordKey, ['key', collection, id])),
    unwrap(wrapped, collection, id) {
      const master = byId.get(toBase64url(wrapped.slice(0, masterIdBytes)))
      if (master === undefined) throw new VaultDamaged(collection, id, 'its key was wrapped by a key that is gone')
      const recordKey = unseal(master.key, wrapped.subarray(masterIdBytes), ['key', collection, id])
      if (recordKey?.length !== 32) throw new VaultDamaged(collection, id, 'its wrapped key does not open')
      return recordKey
    },
    isCurrent: (wrapped) => toBase64url(wrapped.slice(0, masterIdBytes)) === toBase64url(current.id),
    isRotating: masters.length > 1,
    isEncrypted: header.kdf !== undefined,
    masterSinceMs: current.createdAtMs,
  }
}

/** The header with one more master key, wrapped by the passphrase that is to hold from now on. */
export async function beginRotation(
  text: string,
  passphrases: { readonly before: string | undefined; readonly after: string | undefined },
  nowMs: number,
): Promise<string> {
  const { masters, marks } = await readHeader(text, passphrases.before)
  const next = masters.length > 1 ? masters : [...masters, newMaster(nowMs)]
  return writeHeader(next, marks, passphrases.after)
}

/** The header without the master keys that no record needs any more. */
export async function endRotation(text: string, passphrase: string | undefined): Promise<string> {
  const { masters, marks } = await readHeader(text, passphrase)
  return writeHeader(masters.slice(-1), marks, passphrase)
}

function newMaster(createdAtMs: number): OpenMaster {
  return { id: randomBytes(masterIdBytes), key: randomBytes(32), createdAtMs }
}

async function writeHeader(
  masters: readonly OpenMaster[],
  marks: Uint8Array,
  passphrase: string | undefined,
): Promise<string> {
  const salt = randomBytes(16)
  const outer = passphrase === undefined ? undefined : await stretch(passphrase, salt, cost)
  const close = (bytes: Uint8Array, what: string) =>
    toBase64url(outer === undefined ? bytes : seal(outer, bytes, ['master', what]))
  const header: Header = {
    v: 1,
    ...(outer === undefined ? {} : { kdf: { ...cost, salt: toBase64url(salt) } }),
    marks: close(marks, 'marks'),
    masters: masters.map(({ id, key, createdAtMs }) => ({
      masterId: toBase64url(id),
      createdAtMs,
      secret: close(key, toBase64url(id)),
    })),
  }
  return `${JSON.stringify(header)}\n`
}

async function readHeader(text: string, passphrase: string | undefined) {
  const header = parse(text)
  if (header.kdf !== undefined && passphrase === undefined) {
    throw new VaultLocked('The vault is encrypted: name the file with its passphrase in CHENGXIN_PASSPHRASE_FILE.')
  }
  const { kdf } = header
  const outer = kdf && (await stretch(passphrase as string, bytesOf(kdf.salt), kdf))
  const open = (secret: string, what: string) => {
    const bytes = outer === undefined ? bytesOf(secret) : unseal(outer, bytesOf(secret), ['master', what])
    if (bytes?.length === 32) return bytes
    throw new VaultLocked('The passphrase does not open the vault, or its key file was changed.')
  }
  const masters = header.masters.map(({ masterId, createdAtMs, secret }) => ({
    id: bytesOf(masterId),
    createdAtMs,
    key: open(secret, masterId),
  }))
  return { header, masters, marks: open(header.marks, 'marks') }
}

function parse(text: string): Header {
  try {
    const header = JSON.parse(text) as Header
    if (header.v === 1 && header.masters.length > 0) return header
  } catch {
    // Said below, as for anything else that is no header.
  }
  throw new VaultLocked('The key file of the vault is damaged: restore the vault from a backup.')
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new VaultLocked('The key file of the vault is damaged: restore it from a backup.')
  return bytes
}

function stretch(passphrase: string, salt: Uint8Array, { n, r, p }: { n: number; r: number; p: number }) {
  const options = { N: n, r, p, maxmem: 256 * n * r }
  return new Promise<Uint8Array>((resolve, reject) => {
    // Normalised, because one passphrase in Chinese or Portuguese has several spellings in Unicode.
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
