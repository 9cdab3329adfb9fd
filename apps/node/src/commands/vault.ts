/**
 * `vault`: how the vault is, a new master key or passphrase for it, a copy, and a vault made from a copy. A copy may be
 * taken while the node runs; a rotation or a restore needs the folder for itself.
 */
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { backupVault, openSealedVault, restoreVault, rotateVault } from '@chengxin/services'
import { readSettings, type Settings } from '../config.ts'
import { type DataPaths, dataPaths } from '../data-directory.ts'
import { lockDirectory } from '../directory-lock.ts'
import { keystorePassphrase, newPassphrase } from '../secrets.ts'
import { UsageFault } from '../usage-fault.ts'
import { openVaultStore } from '../vault/open-vault.ts'
import { openTombstoneFile } from '../vault/tombstone-file.ts'

interface Place {
  readonly paths: DataPaths
  readonly settings: Settings
  readonly environment: NodeJS.ProcessEnv
}

const usage = 'vault status | rotate | backup DIRECTORY | restore DIRECTORY [--data DIRECTORY]'
/** Bodies may lie anywhere and be kept; keys are overwritten each time, and belong to another place. */
const copied = { bodies: 'vault-bodies.txt', keys: 'vault-keys.txt', erased: 'vault-erased.txt' } as const

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const [verb, directory] = positionals
  const data = values.data === undefined ? {} : { CHENGXIN_DATA: values.data }
  const settings = readSettings({ ...environment, ...data })
  const place = { paths: dataPaths(settings.dataDirectory), settings, environment }
  const found = await facts(verb, directory, place)
  if (found === undefined) throw new UsageFault(usage)
  console.log(values.json ? JSON.stringify(found) : Object.entries(found).map(asLine).join('\n'))
  return 0
}

type Facts = { readonly [name: string]: string | number | boolean }

async function facts(
  verb: string | undefined,
  directory: string | undefined,
  place: Place,
): Promise<Facts | undefined> {
  if (verb === 'status') return status(place)
  if (verb === 'rotate') return locked(place, () => rotate(place))
  if (verb === 'backup' && directory !== undefined) return backup(place, directory)
  if (verb === 'restore' && directory !== undefined) return locked(place, () => restore(place, directory))
  return undefined
}

async function status({ paths, settings, environment }: Place): Promise<Facts> {
  const store = await openVaultStore(paths, settings)
  const tombstones = await openTombstoneFile(paths.vaultErased, Date.now)
  try {
    if ((await store.readHeader()) === undefined) return { records: 0, founded: false }
    const passphrase = await keystorePassphrase(environment)
    const erased = (await tombstones.all()).length
    const vault = await openSealedVault({ store, tombstones, passphrase, nowMs: Date.now })
    let [records, bytes] = [0, 0]
    for await (const { body } of store.rows()) {
      records++
      bytes += body.length
    }
    const { isEncrypted, isRotating, masterSinceMs } = vault.keys
    const since = new Date(masterSinceMs).toISOString()
    return { records, bytes, erased, encrypted: isEncrypted, rotating: isRotating, masterKeySince: since }
  } finally {
    await store.close()
    await tombstones.close()
  }
}

async function rotate({ paths, settings, environment }: Place): Promise<Facts> {
  const before = await keystorePassphrase(environment)
  const after = (await newPassphrase(environment)) ?? before
  const store = await openVaultStore(paths, settings)
  try {
    return { rewrapped: await rotateVault(store, { before, after }, Date.now()), encrypted: after !== undefined }
  } finally {
    await store.close()
  }
}

async function backup({ paths, settings }: Place, directory: string): Promise<Facts> {
  const store = await openVaultStore(paths, settings)
  try {
    const { bodies, keys } = await backupVault(store)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const records = (await writeLines(join(directory, copied.bodies), bodies)) - 2
    await writeLines(join(directory, copied.keys), keys)
    if (existsSync(paths.vaultErased)) await copyFile(paths.vaultErased, join(directory, copied.erased))
    return { records }
  } finally {
    await store.close()
  }
}

async function restore({ paths, settings, environment }: Place, directory: string): Promise<Facts> {
  await joinErased(join(directory, copied.erased), paths.vaultErased)
  const passphrase = await keystorePassphrase(environment)
  const store = await openVaultStore(paths, settings)
  const tombstones = await openTombstoneFile(paths.vaultErased, Date.now)
  const lines = (name: string) => linesOf(join(directory, name))
  try {
    const copy = { bodies: lines(copied.bodies), keys: lines(copied.keys) }
    return { ...(await restoreVault(copy, { store, tombstones, passphrase })) }
  } finally {
    await store.close()
    await tombstones.close()
  }
}

/** Opened when the first line is asked for: what a file says before somebody listens is lost. */
async function* linesOf(path: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(path) })
}

/** What the copy knows to be erased is added to what is known here: neither list may lose a line. */
async function joinErased(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return
  const lists = await Promise.all([from, to].map((path) => readFile(path, 'utf8').catch(() => '')))
  const lines = new Set(lists.flatMap((text) => text.split('\n').slice(0, -1)))
  await mkdir(join(to, '..'), { recursive: true, mode: 0o700 })
  await writeLines(to, lines)
}

/** Whole or not at all; the number of lines. */
async function writeLines(path: string, lines: AsyncIterable<string> | Iterable<string>): Promise<number> {
  const file = await open(`${path}.new`, 'w', 0o600)
  let count = 0
  try {
    for await (const line of lines) {
      await file.write(`${line}\n`)
      count++
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  return count
}

async function locked<T>({ paths }: Place, work: () => Promise<T>): Promise<T> {
  const lock = lockDirectory(paths.lock)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

function asLine([name, value]: readonly [string, string | number | boolean]): string {
  return `${name.padEnd(16)} ${String(value)}`
}
