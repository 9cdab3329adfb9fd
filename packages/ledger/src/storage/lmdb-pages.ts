/**
 * Reads the file of an LMDB environment without LMDB, page by page, and finds where its structure is damaged: LMDB itself
 * trusts its pages, and a damaged one can crash the process or hide entries. Layout after LMDB's own source (data version
 * 2, as in the lmdb package): pages with a header of 24 bytes that names page and transaction, nodes placed from the end,
 * values too large for a page in runs of pages of their own.
 */
import * as fs from 'node:fs'
import { readWhole } from './disk.ts'

const headerBytes = 24
const nodeHeaderBytes = 8
const databaseBytes = 48
const magic = 0xbeefc0de
const dataVersion = 2
const noPage = 0xffff_ffff_ffff_ffffn
const deepest = 32

/** Page flags. */
const isBranch = 1
const isLeaf = 2
const isOverflow = 4
/** Node flags: the value lies on overflow pages; the value is the record of a table. */
const isBig = 1
const isTable = 2

export interface PageProblem {
  readonly page: number
  readonly sentence: string
}

/** Told of each entry of each table, in order. The bytes are valid during the call only. */
export type OnEntry = (table: string, key: Buffer, value: Buffer) => void

interface TreeRecord {
  readonly depth: number
  readonly entries: number
  readonly root: bigint
}

interface Meta {
  readonly transaction: bigint
  readonly pageSize: number
  readonly lastPage: number
  readonly free: TreeRecord
  readonly main: TreeRecord
}

/** Thrown inside one tree, so that the others are still looked at. */
class Problem extends Error {
  readonly page: number
  constructor(page: number, sentence: string) {
    super(sentence)
    this.page = page
  }
}

/**
 * Walks every page that the newest commit uses. While others write, a read transaction must be open in the environment:
 * it keeps the pages of that commit from being reused.
 */
export function checkPages(path: string, onEntry: OnEntry, onProblem: (problem: PageProblem) => void): void {
  const file = fs.openSync(path, 'r')
  try {
    const meta = newestMeta(file, onProblem)
    if (meta) new Walk(file, meta, onEntry, onProblem).walkAll()
  } finally {
    fs.closeSync(file)
  }
}

/** The newer of the two meta pages. One that is damaged means that LMDB would go back by a commit. */
function newestMeta(file: number, onProblem: (problem: PageProblem) => void): Meta | undefined {
  const first = readMeta(file, 0)
  const pageSize = first?.pageSize ?? 4096
  const second = readMeta(file, pageSize)
  for (const [page, meta] of [first, second].entries()) {
    if (!meta) onProblem({ page, sentence: 'This page names a state of the database and is damaged.' })
  }
  if (!first || !second) return undefined
  const apart = first.transaction - second.transaction
  if (apart !== 1n && apart !== -1n && first.transaction > 1n) {
    onProblem({ page: 0, sentence: 'The two pages that name the newest states are not of consecutive commits.' })
  }
  return apart > 0n ? first : second
}

function readMeta(file: number, offset: number): Meta | undefined {
  const page = Buffer.alloc(192)
  if (readWhole(file, page, offset) < page.length) return undefined
  if (page.readUInt32LE(headerBytes) !== magic || page.readUInt32LE(headerBytes + 4) !== dataVersion) return undefined
  const records = headerBytes + 24
  const pageSize = page.readUInt32LE(records)
  if (offset !== 0 && offset !== pageSize) return undefined
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return undefined
  const end = records + 2 * databaseBytes
  return {
    pageSize,
    lastPage: Number(page.readBigUInt64LE(end)),
    transaction: page.readBigUInt64LE(end + 8),
    free: readTreeRecord(page, records),
    main: readTreeRecord(page, records + databaseBytes),
  }
}

function readTreeRecord(bytes: Buffer, at: number): TreeRecord {
  return {
    depth: bytes.readUInt16LE(at + 6),
    entries: Number(bytes.readBigUInt64LE(at + 32)),
    root: bytes.readBigUInt64LE(at + 40),
  }
}

interface Node {
  readonly key: Buffer
  readonly flags: number
  /** Of a leaf: bytes of its value, and where they begin. Of a branch: the page below. */
  readonly valueLength: number
  readonly valueAt: number
  readonly child: number
}

interface TreeVisitor {
  onBranch(key: Buffer): void
  onNode(key: Buffer, value: Buffer, flags: number): void
}

class Walk {
  readonly #file: number
  readonly #meta: Meta
  readonly #onEntry: OnEntry
  readonly #onProblem: (problem: PageProblem) => void
  /** One bit a page: no page may be used twice, or be free as well. */
  readonly #used: Uint8Array

  constructor(file: number, meta: Meta, onEntry: OnEntry, onProblem: (problem: PageProblem) => void) {
    this.#file = file
    this.#meta = meta
    this.#onEntry = onEntry
    this.#onProblem = onProblem
    this.#used = new Uint8Array((meta.lastPage >> 3) + 1)
    this.#used[0] = 3
  }

  walkAll(): void {
    const tables: (readonly [string, TreeRecord])[] = []
    this.#tree(this.#meta.main, Buffer.compare, (key, value, flags) => {
      const name = key.toString('latin1').replace(/\0$/, '')
      if ((flags & isTable) === 0 || value.length !== databaseBytes)
        throw new Problem(0, `The table ${name} is damaged.`)
      tables.push([name, readTreeRecord(value, 0)])
    })
    for (const [name, record] of tables) {
      this.#tree(record, Buffer.compare, (key, value) => this.#onEntry(name, key, value))
    }
    const free: Buffer[] = []
    this.#tree(this.#meta.free, compareIntegers, (_key, value) => free.push(Buffer.from(value)))
    this.#freePages(free)
  }

  #freePages(lists: readonly Buffer[]): void {
    for (const list of lists) {
      for (const { first, count } of freeRunsOf(list)) {
        if (first < 2 || count < 1 || first + count - 1 > this.#meta.lastPage) {
          this.#onProblem({ page: first, sentence: 'A page that is free does not exist.' })
          continue
        }
        for (let page = first; page < first + count; page++) {
          if (this.#isUsed(page)) this.#onProblem({ page, sentence: 'This page is listed as free and in use.' })
          this.#use(page)
        }
      }
    }
  }

  #tree(
    record: TreeRecord,
    compare: (left: Buffer, right: Buffer) => number,
    onNode: (key: Buffer, value: Buffer, flags: number) => void,
  ): void {
    if (record.root === noPage) return
    const root = Number(record.root)
    let entries = 0
    let last: Buffer | undefined
    let bound: Buffer | undefined
    const visit: TreeVisitor = {
      // A page above says from which key on it leads to the page below: between the last key before and the next one.
      onBranch: (key) => {
        if (last && compare(last, key) >= 0) throw new Problem(root, 'A page of this tree leads to the wrong keys.')
        bound = Buffer.from(key)
      },
      onNode: (key, value, flags) => {
        if (last && compare(last, key) >= 0) throw new Problem(root, 'Keys of this tree are out of order.')
        if (bound && compare(bound, key) > 0) throw new Problem(root, 'A page of this tree leads to the wrong keys.')
        last = Buffer.from(key)
        entries++
        onNode(key, value, flags)
      },
    }
    try {
      if (record.depth > deepest) throw new Problem(root, 'The depth of this tree is damaged.')
      this.#page(root, record.depth, visit)
      if (entries !== record.entries) {
        throw new Problem(root, `This tree has ${entries} entries, not ${record.entries}.`)
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      this.#onProblem({ page: error.page, sentence: error.message })
    }
  }

  #page(number: number, depth: number, visit: TreeVisitor): void {
    const page = this.#read(number, 1)
    const flags = page.readUInt16LE(18)
    if ((flags & 7) !== (depth > 1 ? isBranch : isLeaf)) throw new Problem(number, 'This page is of the wrong kind.')
    let isFirst = true
    for (const node of nodesOf(page, number, depth > 1)) {
      if (depth > 1) {
        // The first entry of a page that leads elsewhere has no key that counts.
        if (!isFirst) visit.onBranch(node.key)
        this.#page(node.child, depth - 1, visit)
      } else visit.onNode(node.key, this.#value(page, node), node.flags)
      isFirst = false
    }
  }

  #value(page: Buffer, { flags, valueAt, valueLength }: Node): Buffer {
    if ((flags & isBig) === 0) return page.subarray(valueAt, valueAt + valueLength)
    const first = Number(page.readBigUInt64LE(valueAt))
    const pages = Number(page.readBigUInt64LE(valueAt + 16))
    const needed = Math.floor((headerBytes - 1 + valueLength) / this.#meta.pageSize) + 1
    if (pages !== needed) throw new Problem(first, 'The length of a large value is damaged.')
    const run = this.#read(first, pages)
    if ((run.readUInt16LE(18) & 7) !== isOverflow || run.readUInt32LE(20) !== pages) {
      throw new Problem(first, 'This page should begin a large value.')
    }
    return run.subarray(headerBytes, headerBytes + valueLength)
  }

  /** A run of pages, none of which was read before. */
  #read(number: number, count: number): Buffer {
    const { pageSize, lastPage, transaction } = this.#meta
    if (number < 2 || number + count - 1 > lastPage) throw new Problem(number, 'A page is named that does not exist.')
    for (let page = number; page < number + count; page++) {
      if (this.#isUsed(page)) throw new Problem(page, 'This page is used twice.')
      this.#use(page)
    }
    const bytes = Buffer.allocUnsafe(pageSize * count)
    if (readWhole(this.#file, bytes, number * pageSize) < bytes.length)
      throw new Problem(number, 'The file ends before this page.')
    if (bytes.readBigUInt64LE(0) !== BigInt(number)) throw new Problem(number, 'This page has the number of another.')
    if (bytes.readBigUInt64LE(8) > transaction) throw new Problem(number, 'This page is newer than the newest commit.')
    return bytes
  }

  #use(page: number): void {
    this.#used[page >> 3] = (this.#used[page >> 3] as number) | (1 << (page & 7))
  }

  #isUsed(page: number): boolean {
    return ((this.#used[page >> 3] as number) & (1 << (page & 7))) !== 0
  }
}

function* nodesOf(page: Buffer, number: number, areBranches: boolean): Generator<Node> {
  const lower = page.readUInt16LE(20)
  const upper = page.readUInt16LE(22)
  const space = page.length - headerBytes
  if (lower % 2 !== 0 || lower > upper || upper > space)
    throw new Problem(number, 'The bounds of this page are damaged.')
  const count = lower / 2
  if (count === 0) throw new Problem(number, 'This page has no entries.')
  for (let index = 0; index < count; index++) {
    const at = page.readUInt16LE(headerBytes + 2 * index)
    if (at < upper || at + nodeHeaderBytes > space) throw new Problem(number, `Entry ${index} is misplaced.`)
    yield readNode(page, number, headerBytes + at, areBranches)
  }
}

function readNode(page: Buffer, number: number, at: number, isBranchNode: boolean): Node {
  const low = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 0x10000
  const flags = page.readUInt16LE(at + 4)
  const valueAt = at + nodeHeaderBytes + page.readUInt16LE(at + 6)
  const stored = isBranchNode ? 0 : (flags & isBig) !== 0 ? 24 : low
  if (valueAt + stored > page.length) throw new Problem(number, 'An entry reaches beyond its page.')
  const key = page.subarray(at + nodeHeaderBytes, valueAt)
  return { key, flags, valueLength: low, valueAt, child: isBranchNode ? low + flags * 0x1_0000_0000 : 0 }
}

function compareIntegers(left: Buffer, right: Buffer): number {
  if (left.length !== 8 || right.length !== 8) return 0
  const [a, b] = [left.readBigUInt64LE(0), right.readBigUInt64LE(0)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** Runs of a list of free pages: a count, then pages; a negative number says how many there are from the page after it. */
function* freeRunsOf(list: Buffer): Generator<{ readonly first: number; readonly count: number }> {
  const entries = Math.floor(list.length / 8)
  const entryAt = (index: number): number => (index < entries ? Number(list.readBigInt64LE(8 * index)) : 0)
  const last = entryAt(0)
  if (last < 0 || last >= entries) yield { first: -1, count: 0 }
  for (let index = 1; index <= Math.min(last, entries); index++) {
    const entry = entryAt(index)
    if (entry > 0) yield { first: entry, count: 1 }
    if (entry < 0) yield { first: entryAt(++index), count: -entry }
  }
}
