/** What a ledger's directory must say before anything in it is opened: which group it is. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { canonicalize } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import type { Ledger } from '../face.ts'

/** Writes the genesis document into a new directory, or throws if an old one belongs to another group. */
export function holdToGenesis(directory: string, genesis: GenesisDocument): void {
  const path = join(directory, 'genesis.json')
  const text = canonicalize(genesis)
  if (!fs.existsSync(path)) {
    fs.mkdirSync(directory, { recursive: true })
    fs.writeFileSync(path, text, { flush: true })
    return
  }
  if (canonicalize(JSON.parse(fs.readFileSync(path, 'utf8'))) !== text) {
    throw new Error(`${directory} holds the ledger of another group: its genesis.json differs from the one given.`)
  }
  expectState(directory)
}

/** A genesis that changed since founds another group, and then the log beside it is of the one that was. */
export function holdToFirstLeaf({ groupId, leaf }: Pick<Ledger, 'groupId' | 'leaf'>, directory: string): void {
  const first = leaf(0)
  if (first === undefined) return
  const { jws } = JSON.parse(Buffer.from(first).toString('utf8')) as { readonly jws: string }
  const { group } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as { group: string }
  if (group === groupId) return
  throw new Error(
    `The log in ${directory} is of the group ${group}, and its genesis.json founds ${groupId}: restore that file as it was.`,
  )
}

/** A log without its state must not be opened: a store that begins anew would take the log for what a killed commit left. */
function expectState(directory: string): void {
  if (fs.existsSync(join(directory, 'state', 'recent', 'data.mdb'))) return
  const log = join(directory, 'log')
  const hasBlocks = fs.existsSync(log) && fs.readdirSync(log).some((name) => fs.statSync(join(log, name)).size > 0)
  if (!hasBlocks) return
  throw new Error(`The state in ${directory} is gone, and its log is there: rebuild the state from the log first.`)
}
