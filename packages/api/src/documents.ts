/**
 * Public documents by their hash — schemas, displays, status list tokens — and each group's trust bundle. A document is
 * taken in only when the ledger has anchored its hash, so the store holds what members stand by and nothing else.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'

export interface StoredDocument {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface DocumentStore {
  readonly limitBytes: number
  /** Undefined where it was never held; refused with `document_damaged` until somebody has put it again. */
  get(groupId: string, hash: string): Promise<StoredDocument | Refusal | undefined>
  /** Refusals, in order: `media_type_not_supported`, `document_hash_differs`, `document_not_anchored`, `document_store_full`. */
  put(groupId: string, hash: string, document: StoredDocument): Promise<Refusal | undefined>
  trustBundle(groupId: string): Promise<string | undefined>
  /** Keeps a bundle that `acceptBundle` takes, in place of the one held. */
  putTrustBundle(groupId: string, text: string): Promise<Refusal | undefined>
}

export interface DocumentStoreOptions {
  readonly directory: string
  isAnchored(groupId: string, hash: string): Promise<boolean>
  /** Undefined where the bundle is signed by the committee and newer than the one held; else a refusal. */
  acceptBundle(groupId: string, text: string, held: string | undefined): Promise<Refusal | undefined>
  readonly limitBytes?: number
  /** Documents kept for one group. */
  readonly limitDocuments?: number
}

/** The file's ending remembers the media type. None of these runs anything in a browser. */
const endings: { readonly [mediaType: string]: string } = {
  'application/json': 'json',
  'application/schema+json': 'schema.json',
  'application/statuslist+jwt': 'statuslist.jwt',
  'application/jwt': 'jwt',
  'text/plain': 'txt',
  'application/octet-stream': 'bin',
}

export const documentMediaTypes: readonly string[] = Object.keys(endings)

export function createDocumentStore(options: DocumentStoreOptions): DocumentStore {
  const { directory, limitBytes = 1024 * 1024, limitDocuments = 100_000 } = options
  const names = new Map<string, Promise<Map<string, string>>>()
  // One writer at a time: the count and the bundle held must not change between a check and what follows it.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work)
    last = result.catch(() => {})
    return result
  }

  const folderOf = (groupId: string): string => join(directory, groupId)
  /** Hash → file name, of a group's documents; read from the directory once. */
  const namesOf = (groupId: string): Promise<Map<string, string>> => {
    const known = names.get(groupId) ?? listDocuments(folderOf(groupId))
    names.set(groupId, known)
    // A directory that could not be read is read again next time.
    known.catch(() => names.delete(groupId))
    return known
  }

  /** Of documents whose bytes on disk are not what was put. An older one in their place would be a lie. */
  const damaged = new Set<string>()

  const get = async (groupId: string, hash: string): Promise<StoredDocument | Refusal | undefined> => {
    if (damaged.has(`${groupId}/${hash}`)) return refuse('document_damaged')
    const name = (await namesOf(groupId)).get(hash)
    if (name === undefined) return undefined
    const bytes = new Uint8Array(await readFile(join(folderOf(groupId), name)))
    if (hashOf(bytes) === hash) return { mediaType: mediaTypeOf(name), bytes }
    damaged.add(`${groupId}/${hash}`)
    return refuse('document_damaged')
  }

  const put = async (groupId: string, hash: string, document: StoredDocument): Promise<Refusal | undefined> => {
    const ending = endings[document.mediaType]
    if (ending === undefined) return refuse('media_type_not_supported')
    if (hashOf(document.bytes) !== hash) return refuse('document_hash_differs')
    const known = await namesOf(groupId)
    if (known.has(hash) && !isRefusal(await get(groupId, hash))) return undefined
    if (!(await options.isAnchored(groupId, hash))) return refuse('document_not_anchored')
    if (!known.has(hash) && known.size >= limitDocuments) return refuse('document_store_full')
    const name = `${hash}.${ending}`
    await writeDurably(folderOf(groupId), name, document.bytes)
    known.set(hash, name)
    damaged.delete(`${groupId}/${hash}`)
    return undefined
  }

  const trustBundle = async (groupId: string): Promise<string | undefined> => {
    try {
      return await readFile(join(folderOf(groupId), bundleName), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  const putTrustBundle = async (groupId: string, text: string): Promise<Refusal | undefined> => {
    const refusal = await options.acceptBundle(groupId, text, await trustBundle(groupId))
    if (isRefusal(refusal)) return refusal
    await writeDurably(folderOf(groupId), bundleName, Buffer.from(text))
    return undefined
  }

  return {
    limitBytes,
    get,
    put: (groupId, hash, document) => inTurn(() => put(groupId, hash, document)),
    trustBundle,
    putTrustBundle: (groupId, text) => inTurn(() => putTrustBundle(groupId, text)),
  }
}

const bundleName = 'trust-bundle.json'

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}

function mediaTypeOf(name: string): string {
  const ending = name.slice(name.indexOf('.') + 1)
  return documentMediaTypes.find((mediaType) => endings[mediaType] === ending) ?? 'application/octet-stream'
}

async function listDocuments(folder: string): Promise<Map<string, string>> {
  try {
    const files = (await readdir(folder)).filter((name) => name !== bundleName && !name.endsWith('.part'))
    return new Map(files.map((name) => [name.slice(0, name.indexOf('.')), name]))
  } catch (error) {
    if (isMissing(error)) return new Map()
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT'
}

/** The whole file under its name, or nothing: written beside, flushed, renamed, and the folder flushed too. */
async function writeDurably(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true })
  const part = join(folder, `${name}.${randomBytes(6).toString('hex')}.part`)
  try {
    await withFile(await open(part, 'wx'), async (file) => {
      await file.writeFile(bytes)
      await file.sync()
    })
    await rename(part, join(folder, name))
  } catch (error) {
    await unlink(part).catch(() => {})
    throw error
  }
  await withFile(await open(folder, constants.O_RDONLY), (file) => file.sync())
}

async function withFile(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file)
  } finally {
    await file.close()
  }
}
