/**
 * Private keys in files, one a key, encrypted with AES-256-GCM under a key that scrypt (RFC 7914) makes of a passphrase.
 * What may be known of a key — its name, DID and public part — stands beside the ciphertext in the clear and is bound to
 * it, so that it cannot be changed unseen. Files and folder are for their owner alone.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type PrivateJwk, type PublicJwk, parsePublicJwk, privateJwkFrom, publicPart } from '@chengxin/crypto'
import {
  canonicalize,
  type Did,
  fromBase64url,
  fromUtf8,
  isRefusal,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'

/** What is told of a key without its passphrase. */
export interface KeyFacts {
  readonly name: string
  readonly jwk: PublicJwk
  readonly createdAtMs: number
  /** Whether a passphrase is needed; only a sample city's node keeps keys without. */
  readonly encrypted: boolean
  readonly did?: Did
  readonly keyId?: string
}

export interface KeyToSave {
  readonly name: string
  readonly privateJwk: PrivateJwk
  readonly did?: Did
  readonly keyId?: string
}

interface KeyFile extends Omit<KeyFacts, 'encrypted'> {
  readonly v: 1
  readonly kdf?: {
    readonly name: 'scrypt'
    readonly n: number
    readonly r: number
    readonly p: number
    readonly salt: string
  }
  readonly cipher?: { readonly name: 'A256GCM'; readonly iv: string }
  /** The canonical JSON of the private key, encrypted with its tag, or plain where there is no cipher. */
  readonly secret: string
}

const nameText = /^[a-z0-9][a-z0-9._-]{0,63}$/
/** 128 MiB and some tenths of a second for each guess. */
const cost = { n: 2 ** 17, r: 8, p: 1 } as const

/**
 * Writes a key, encrypted under the passphrase, or plain if there is none. Refusals: `key_name_malformed`,
 * `key_exists` (a key is never overwritten).
 */
export async function saveKey(
  directory: string,
  { name, privateJwk, did, keyId }: KeyToSave,
  passphrase: string | undefined,
): Promise<KeyFacts | Refusal> {
  if (!nameText.test(name)) return refuse('key_name_malformed')
  const facts = {
    v: 1,
    name,
    jwk: publicPart(privateJwk),
    createdAtMs: Date.now(),
    ...(did === undefined ? {} : { did }),
    ...(keyId === undefined ? {} : { keyId }),
  } as const
  const file = passphrase === undefined ? plain(facts, privateJwk) : await seal(facts, privateJwk, passphrase)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const written = await writeNew(join(directory, `${name}.json`), `${canonicalize(file)}\n`)
  return written ? factsOf(file) : refuse('key_exists')
}

/** Every key of a folder, by name. Files that are no keys are passed over. */
export async function listKeys(directory: string): Promise<readonly KeyFacts[]> {
  const files = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const keys: KeyFacts[] = []
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    const key = await readKeyFile(directory, file.slice(0, -'.json'.length))
    if (!isRefusal(key)) keys.push(factsOf(key))
  }
  return keys
}

/** What is told of one key. Refusals: `key_name_malformed`, `key_not_found`, `key_file_damaged`. */
export async function describeKey(directory: string, name: string): Promise<KeyFacts | Refusal> {
  const file = await readKeyFile(directory, name)
  return isRefusal(file) ? file : factsOf(file)
}

/**
 * The private key. Refusals: as of `describeKey`, then `passphrase_needed`, `passphrase_wrong` (or a changed file), and
 * `key_file_damaged` where the secret is not that of the public key beside it.
 */
export async function loadKey(
  directory: string,
  name: string,
  passphrase: string | undefined,
): Promise<(KeyFacts & { readonly privateJwk: PrivateJwk }) | Refusal> {
  const file = await readKeyFile(directory, name)
  if (isRefusal(file)) return file
  if (file.cipher !== undefined && passphrase === undefined) return refuse('passphrase_needed')
  const bytes = passphrase === undefined ? fromBase64url(file.secret) : await unseal(file, passphrase)
  if (bytes === undefined) return refuse(file.cipher === undefined ? 'key_file_damaged' : 'passphrase_wrong')
  const privateJwk = pairOf(fromUtf8(bytes), file.jwk)
  return privateJwk === undefined ? refuse('key_file_damaged') : { ...factsOf(file), privateJwk }
}

/** The private key of this text, if it is the one whose public half the file states. */
function pairOf(text: string | undefined, jwk: PublicJwk): PrivateJwk | undefined {
  try {
    const { d } = JSON.parse(text ?? '') as PrivateJwk
    const pair = privateJwkFrom(jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256', fromBase64url(d) ?? new Uint8Array())
    return canonicalize(publicPart(pair)) === canonicalize(jwk) && canonicalize(pair) === text ? pair : undefined
  } catch {
    return undefined
  }
}

function factsOf({ name, jwk, createdAtMs, did, keyId, cipher }: KeyFile): KeyFacts {
  return {
    name,
    jwk,
    createdAtMs,
    encrypted: cipher !== undefined,
    ...(did === undefined ? {} : { did }),
    ...(keyId === undefined ? {} : { keyId }),
  }
}

type Facts = Omit<KeyFile, 'kdf' | 'cipher' | 'secret'>

function plain(facts: Facts, privateJwk: PrivateJwk): KeyFile {
  return { ...facts, secret: toBase64url(toUtf8(canonicalize(privateJwk))) }
}

async function seal(facts: Facts, privateJwk: PrivateJwk, passphrase: string): Promise<KeyFile> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)]
  const open = {
    ...facts,
    kdf: { name: 'scrypt', ...cost, salt: toBase64url(salt) },
    cipher: { name: 'A256GCM', iv: toBase64url(iv) },
  } as const
  const cipher = createCipheriv('aes-256-gcm', await stretch(passphrase, salt, cost), iv)
  cipher.setAAD(toUtf8(canonicalize(open)))
  const sealed = Buffer.concat([cipher.update(toUtf8(canonicalize(privateJwk))), cipher.final(), cipher.getAuthTag()])
  return { ...open, secret: toBase64url(sealed) }
}

/** Undefined where the passphrase is wrong or anything in the file has changed; the two cannot be told apart. */
async function unseal(file: KeyFile, passphrase: string): Promise<Uint8Array | undefined> {
  const { secret, ...open } = file
  const [sealed, salt, iv] = [secret, open.kdf?.salt, open.cipher?.iv].map((text) => fromBase64url(text ?? ''))
  if (open.kdf === undefined) return sealed
  if (!sealed || !salt || !iv || sealed.length < 16) return undefined
  try {
    const key = await stretch(passphrase, salt, open.kdf)
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAAD(toUtf8(canonicalize(open)))
    decipher.setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  } catch {
    return undefined
  }
}

function stretch(
  passphrase: string,
  salt: Uint8Array,
  { n, r, p }: { n: number; r: number; p: number },
): Promise<Buffer> {
  // Normalised, because one passphrase in Chinese or Portuguese has several spellings in Unicode.
  const options = { N: n, r, p, maxmem: 256 * n * r }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

async function readKeyFile(directory: string, name: string): Promise<KeyFile | Refusal> {
  if (!nameText.test(name)) return refuse('key_name_malformed')
  let text: string
  try {
    text = await readFile(join(directory, `${name}.json`), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return refuse('key_not_found')
    throw error
  }
  try {
    const file = JSON.parse(text) as KeyFile
    const isKey = file.v === 1 && file.name === name && typeof file.secret === 'string'
    return isKey && !isRefusal(parsePublicJwk(file.jwk)) ? file : refuse('key_file_damaged')
  } catch {
    return refuse('key_file_damaged')
  }
}

/** Whether the file was written; false if one of that name exists. It appears whole or not at all. */
async function writeNew(path: string, text: string): Promise<boolean> {
  const reserved = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined
    throw error
  })
  if (reserved === undefined) return false
  await reserved.close()
  const draft = `${path}.${process.pid}.new`
  try {
    const file = await open(draft, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
    await file.close()
    await rename(draft, path)
    return true
  } catch (error) {
    await rm(draft, { force: true })
    await rm(path, { force: true })
    throw error
  }
}
