/** `audit-store`: reads everything that this node has stored, and names every damaged byte with what to do about it. */
import { parseArgs } from 'node:util'
import { type ScrubProgress, scrub } from '@chengxin/ledger'
import { readSettings } from '../config.ts'
import { dataPaths, groupNames } from '../data-directory.ts'
import { isDirectoryInUse } from '../directory-lock.ts'
import { UsageFault } from '../usage-fault.ts'
import { damagedDocuments, damagedFoundations, damagedKeys, type Found } from './audit-beside.ts'

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

  let damaged = 0
  for (const name of names) {
    const isLive = isDirectoryInUse(paths.lock)
    const damages = scrub(paths.group(name).directory, { isLive, ...(values.json ? {} : { onProgress: progress }) })
    tell(values.json, { group: name, part: 'ledger' }, damages)
    const foundations = await damagedFoundations(paths, name)
    tell(values.json, { group: name, part: 'genesis and rulesets' }, foundations)
    damaged += damages.length + foundations.length
  }
  const beside = { documents: await damagedDocuments(paths), keys: await damagedKeys(paths) }
  for (const [part, found] of Object.entries(beside)) {
    tell(values.json, { part }, found)
    damaged += found.length
  }
  return damaged === 0 ? 0 : 1
}

function tell(
  isJson: boolean,
  subject: { readonly group?: string; readonly part: string },
  damages: readonly Found[],
): void {
  if (isJson) {
    console.log(JSON.stringify({ ...subject, ok: damages.length === 0, damages }))
    return
  }
  clearProgress()
  const name = subject.group === undefined ? subject.part : `${subject.part} of ${subject.group}`
  console.log(damages.length === 0 ? `✓ ${name}: every byte is as it was written.` : `✗ ${name}: damaged.`)
  for (const { code, file, at, advice } of damages) console.log(`  ${code}  ${file}  ${at}\n    ${advice}`)
}

function progress({ part, done, total }: ScrubProgress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${part} ${done}${total === undefined ? '' : ` of ${total}`}`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
