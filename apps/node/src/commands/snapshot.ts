/**
 * `snapshot`: what this node keeps of the state for members that join, and a way back from it. `restore` makes a ledger that
 * one process orders from a snapshot and a log; members that order together join by `consortium join --from-snapshot`.
 */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isRefusal } from '@chengxin/kernel'
import { shelveRuleset } from '@chengxin/ledger'
import { catchUpFromLog, restoreSnapshot } from '@chengxin/ledger/joining/restore-snapshot'
import { describeSnapshots, readSigned, verifySnapshot, wishForSnapshot } from '@chengxin/ledger/snapshots'
import { readSettings } from '../config.ts'
import { type DataPaths, dataPaths, groupNames } from '../data-directory.ts'
import { lockDirectory } from '../directory-lock.ts'
import { parseGenesis, writeGenesis } from '../genesis-file.ts'
import { readInstalledRuleset } from '../installed-ruleset.ts'
import { UsageFault } from '../usage-fault.ts'

const text = { type: 'string' } as const
const options = {
  json: { type: 'boolean', default: false },
  ...{ data: text, group: text, genesis: text, from: text, log: text },
  signed: { type: 'string', multiple: true, default: [] as string[] },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']
type Facts = { readonly [fact: string]: unknown }

class SnapshotFault extends Error {
  override readonly name = 'SnapshotFault'
}

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [verb, ...rest] = args
  const { values } = parseArgs({ args: [...rest], options })
  const given = values.data === undefined ? {} : { CHENGXIN_DATA: values.data }
  const paths = dataPaths(readSettings({ ...environment, ...given }).dataDirectory)
  switch (verb) {
    case 'list':
      return eachGroup(paths, values, list)
    case 'verify':
      return eachGroup(paths, values, verify)
    case 'take':
      return eachGroup(paths, values, take)
    case 'restore':
      return restore(paths, values)
    default:
      throw new UsageFault('snapshot list|verify|take|restore; each says what it takes.')
  }
}

type Tell = (facts: Facts, told: string) => void

function teller({ json }: Values): Tell {
  return (facts, told) => console.log(json ? JSON.stringify(facts) : told)
}

async function eachGroup(
  paths: DataPaths,
  values: Values,
  look: (name: string, directory: string, tell: Tell) => boolean,
): Promise<number> {
  const all = await groupNames(paths)
  const names = all.filter((name) => values.group === undefined || name === values.group)
  if (names.length === 0) {
    throw new UsageFault(`snapshot VERB [--data DIRECTORY] [--group NAME]; ${paths.root} holds no such group.`)
  }
  const well = names.map((name) => look(name, paths.group(name).directory, teller(values)))
  return well.every(Boolean) ? 0 : 1
}

function list(name: string, directory: string, tell: Tell): boolean {
  const snapshots = describeSnapshots(directory)
  for (const facts of snapshots) {
    const { height, size, timeMs, bytes, chunks } = facts
    const isSigned = readSigned(folderOf(directory, height)) !== undefined
    const signed = isSigned ? 'agreed on' : 'not agreed on yet'
    tell(
      { group: name, ...facts, signed: isSigned },
      `${name}  block ${height}  ${size} entries  ${new Date(timeMs).toISOString()}  ${bytes} bytes in ${chunks} chunks  ${signed}`,
    )
  }
  if (snapshots.length === 0) tell({ group: name, snapshots: 0 }, `${name} has no snapshot yet.`)
  return true
}

function verify(name: string, directory: string, tell: Tell): boolean {
  return describeSnapshots(directory).every(({ height }) => {
    const { damaged = [] } = verifySnapshot(directory, height) ?? {}
    const told =
      damaged.length === 0
        ? `✓ ${name}: every chunk of the snapshot of block ${height} is as it was taken.`
        : `✗ ${name}: of the snapshot of block ${height} chunks are damaged or missing: ${damaged.join(', ')}. Remove its folder: the next one is whole.`
    tell({ group: name, height, ok: damaged.length === 0, damaged }, told)
    return damaged.length === 0
  })
}

function take(name: string, directory: string, tell: Tell): boolean {
  wishForSnapshot(directory)
  const told = `${name}: the running node takes a snapshot at the next state root; snapshot list shows it then.`
  tell({ group: name, ok: true }, told)
  return true
}

/** Into a group's folder that has no log and no state. What was there of them is never replaced. */
async function restore(paths: DataPaths, values: Values): Promise<number> {
  const { group: name, from, genesis: file, log, signed } = values
  if (name === undefined || from === undefined || file === undefined || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    throw new UsageFault(
      'snapshot restore --group NAME --genesis FILE --from SNAPSHOT_FOLDER [--log GROUP_FOLDER] [--signed member_NAME=FILE]… [--data DIRECTORY]',
    )
  }
  const group = paths.group(name)
  const { text: genesisText, document } = parseGenesis(readFileSync(file, 'utf8'), file)
  const held = ['log', 'state', 'tiles'].find((part) => existsSync(join(group.directory, part)))
  if (held !== undefined)
    throw new SnapshotFault(`${join(group.directory, held)} is there: restore into another folder.`)
  if (existsSync(group.ordering)) {
    throw new SnapshotFault(`${name} is ordered by several members: use consortium join --from-snapshot.`)
  }
  mkdirSync(paths.root, { recursive: true, mode: 0o700 })
  const lock = lockDirectory(paths.lock)
  try {
    const folder = resolve(from)
    const own = readSigned(folder)
    const claims = [
      ...document.members.flatMap(({ memberId }) => (own === undefined ? [] : [{ memberId, notes: own }])),
      ...signed.map(claimOf),
    ]
    const head = restoreSnapshot({ directory: group.directory, folder, genesis: document, claims })
    if (isRefusal(head)) throw new SnapshotFault(`The snapshot in ${folder} is not taken (${head.refused}).`)
    await writeGenesis(group.genesis, genesisText)
    shelveRuleset(group.directory, (await readInstalledRuleset(new URL('.', import.meta.url))).text)
    const tell = teller(values)
    tell(
      { step: 'restored', ok: true, height: head.height, size: head.size },
      `✓ The state after block ${head.height}, ${head.size} entries.`,
    )
    return log === undefined ? 0 : catchUp(group.directory, resolve(log), document, tell)
  } finally {
    lock.release()
  }
}

function catchUp(
  directory: string,
  log: string,
  genesis: Parameters<typeof catchUpFromLog>[0]['genesis'],
  tell: Tell,
): number {
  const shelf = join(log, 'rulesets')
  if (existsSync(shelf)) cpSync(shelf, join(directory, 'rulesets'), { recursive: true })
  const caught = catchUpFromLog({ directory, log, genesis })
  if (isRefusal(caught)) throw new SnapshotFault(`The log in ${log} is not that of the snapshot (${caught.refused}).`)
  const { height, size, run: count, filled, difference } = caught
  const ok = difference === undefined
  tell(
    { step: 'caught_up', ok, ...caught },
    ok
      ? `✓ ${count} newer blocks were run and came out as logged, ${filled} older ones were taken over: block ${height}, ${size} entries.`
      : `✗ Block ${difference.height} came out otherwise than it was logged (${difference.what}).`,
  )
  return ok ? 0 : 1
}

function folderOf(directory: string, height: number): string {
  return join(directory, 'snapshots', String(height))
}

/** `member_x=FILE`, a file as `signed.json` in the folder of that member's snapshot. */
function claimOf(given: string) {
  const [memberId = '', file = ''] = given.split('=', 2)
  if (file === '') throw new UsageFault(`--signed takes member_NAME=FILE, not "${given}".`)
  return { memberId, notes: JSON.parse(readFileSync(file, 'utf8')) as { readonly state: string; readonly log: string } }
}
