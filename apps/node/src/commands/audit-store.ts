/** `audit-store`: reads everything that this node has stored, and names every damaged byte with what to do about it. */
import { parseArgs } from 'node:util'
import { type ScrubbedBlock, type ScrubProgress, scrub } from '@chengxin/ledger'
import { readSettings } from '../config.ts'
import { dataPaths, groupNames } from '../data-directory.ts'
import { isDirectoryInUse } from '../directory-lock.ts'
import { keystorePassphrase } from '../secrets.ts'
import { UsageFault } from '../usage-fault.ts'
import {
  damagedDocuments,
  damagedFoundations,
  damagedKeys,
  damagedWitness,
  type Found,
  quorumSize,
  type SeenLog,
} from './audit-beside.ts'
import { auditVault } from './audit-vault.ts'

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const settings = readSettings({
    ...environment,
    ...(values.data === undefined ? {} : { CHENGXIN_DATA: values.data }),
  })
  const paths = dataPaths(settings.dataDirectory)
  const names = await groupNames(paths)
  if (names.length === 0) throw new UsageFault(`audit-store [--data DIRECTORY]; ${paths.root} holds no group.`)

  const isLive = isDirectoryInUse(paths.lock)
  let damaged = 0
  const say = (subject: Subject, found: readonly Found[]): void => {
    tell(values.json, subject, found)
    damaged += found.length
  }
  for (const name of names) {
    const { directory, witness } = paths.group(name)
    const log = await seenLog(witness)
    say(
      { group: name, part: 'ledger' },
      scrub(directory, { ...log, isLive, ...(values.json ? {} : { onProgress: progress }) }),
    )
    say({ group: name, part: 'genesis and rulesets' }, await damagedFoundations(paths, name, log.seen))
    say({ group: name, part: 'cosignatures' }, await damagedWitness(paths, name, log.seen))
  }
  say({ part: 'documents' }, await damagedDocuments(paths))
  say({ part: 'keys' }, await damagedKeys(paths))
  const vault = await auditVault(paths, settings, { isLive, passphrase: await keystorePassphrase(environment) })
  if (vault !== undefined) say({ part: 'vault', ...vault.facts }, vault.damages)
  return damaged === 0 ? 0 : 1
}

interface Subject {
  readonly group?: string
  readonly part: string
  readonly records?: number
  /** Whether the records were opened, or judged from outside for want of the passphrase. */
  readonly opened?: boolean
}

/** Takes down what others say of the log while it is read: roots of the one size that a quorum speaks of. */
async function seenLog(witness: string): Promise<{ seen: SeenLog; onBlock: (block: ScrubbedBlock) => void }> {
  const wanted = await quorumSize(witness)
  const rootOf = new Map<number, Uint8Array>()
  const seen: { -readonly [name in keyof SeenLog]: SeenLog[name] } = { rootOf }
  return {
    seen,
    onBlock({ height, timeMs, size, root, signedFor }) {
      if (height === 0) seen.foundedAtMs = timeMs
      if (signedFor !== undefined) seen.signedFor = signedFor
      if (size === wanted) rootOf.set(size, root)
    },
  }
}

function tell(isJson: boolean, subject: Subject, damages: readonly Found[]): void {
  if (isJson) {
    console.log(JSON.stringify({ ...subject, ok: damages.length === 0, damages }))
    return
  }
  clearProgress()
  const name = subject.group === undefined ? subject.part : `${subject.part} of ${subject.group}`
  const closed =
    subject.opened === false ? ' The passphrase is missing: what stands in the records was not looked at.' : ''
  console.log(
    damages.length === 0 ? `✓ ${name}: every byte is as it was written.${closed}` : `✗ ${name}: damaged.${closed}`,
  )
  for (const { code, file, at, advice } of damages) console.log(`  ${code}  ${file}  ${at}\n    ${advice}`)
}

function progress({ part, done, total }: ScrubProgress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${part} ${done}${total === undefined ? '' : ` of ${total}`}`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
