/**
 * Proofs that the group's log has told two stories, one file each, named by the hash of its text. Whoever finds one keeps
 * it and shows it to the others; nothing here ever deletes one.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  contradictionFaults,
  type OpenedContradiction,
  openContradiction,
  type SignerKeys,
  webPlatform,
} from '@chengxin/audit'
import { isHash, isRefusal } from '@chengxin/kernel'

/** Files that are kept: one proves enough, and a member gone mad must not fill our disk. */
const kept = 64

export interface KnownContradiction extends OpenedContradiction {
  readonly id: string
  readonly text: string
  readonly foundAtMs: number
}

export class Contradictions {
  readonly #directory: string
  readonly #known = new Map<string, KnownContradiction>()

  /** Reads what was found before; a file that proves nothing under these keys is left where it is and not shown. */
  constructor(directory: string, keys: SignerKeys) {
    this.#directory = directory
    for (const { id, foundAtMs, text } of readFiles(directory)) {
      const opened = openContradiction(webPlatform, text, keys)
      if (!isRefusal(opened)) this.#known.set(id, { ...opened, id, text, foundAtMs })
    }
  }

  all(): readonly KnownContradiction[] {
    return [...this.#known.values()]
  }

  has(id: string): boolean {
    return this.#known.has(id)
  }

  get(id: string): KnownContradiction | undefined {
    return this.#known.get(id)
  }

  /** Keeps a proof that holds under these keys. What is new, known already, or why it proves nothing. */
  add(
    text: string,
    keys: SignerKeys,
    foundAtMs: number,
  ): KnownContradiction | 'known' | keyof typeof contradictionFaults {
    const id = createHash('sha256').update(text).digest('base64url')
    if (this.#known.has(id)) return 'known'
    const opened = openContradiction(webPlatform, text, keys)
    if (isRefusal(opened)) return opened.refused as keyof typeof contradictionFaults
    if (this.#known.size >= kept || this.#isTold(opened)) return 'known'
    const known = { ...opened, id, text, foundAtMs }
    this.#known.set(id, known)
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const file = join(this.#directory, `${id}.json`)
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
    return known
  }

  /** One lie is met again with every block; the first proof of it between the same signers is enough. */
  #isTold({ kind, signedBy }: OpenedContradiction): boolean {
    const signers = signedBy.flat().sort().join()
    const alike = this.all().filter((known) => known.kind === kind && known.signedBy.flat().sort().join() === signers)
    return alike.length > 0
  }
}

function readFiles(directory: string): readonly Pick<KnownContradiction, 'id' | 'text' | 'foundAtMs'>[] {
  let names: readonly string[]
  try {
    names = readdirSync(directory)
  } catch {
    return []
  }
  const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
  return ids.filter(isHash).map((id) => {
    const file = join(directory, `${id}.json`)
    return { id, text: readFileSync(file, 'utf8'), foundAtMs: Math.floor(statSync(file).mtimeMs) }
  })
}
