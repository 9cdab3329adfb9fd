/**
 * `replay`: runs each group's log again, each range with the rules of its time, and compares every hash. With `--rebuild` a
 * state that was lost or damaged is made anew that way, and replaced only if the whole log came out equal.
 */
import { parseArgs } from 'node:util'
import { walkLog } from '@chengxin/ledger/log-walk'
import { type ReplayOptions, type ReplayReport, rebuildState, replayLog } from '@chengxin/ledger/replay'
import { readSettings } from '../config.ts'
import { dataPaths, groupNames } from '../data-directory.ts'
import { lockDirectory } from '../directory-lock.ts'
import { UsageFault } from '../usage-fault.ts'

const options = {
  data: { type: 'string' },
  group: { type: 'string' },
  rebuild: { type: 'boolean', default: false },
  /** Counts events of a type on the way, such as `accounts.transferred`. */
  count: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...args], options })
  const given = values.data === undefined ? {} : { CHENGXIN_DATA: values.data }
  const paths = dataPaths(readSettings({ ...environment, ...given }).dataDirectory)
  const names = (await groupNames(paths)).filter((name) => values.group === undefined || name === values.group)
  if (names.length === 0) throw new UsageFault(`replay [--data DIRECTORY]; ${paths.root} holds no such group.`)

  // A replay reads beside a running node; a rebuild replaces what a running node has open.
  const lock = values.rebuild ? lockDirectory(paths.lock) : undefined
  try {
    const reports = names.map((name) => {
      const { directory } = paths.group(name)
      const report = values.rebuild
        ? rebuildState(directory, progress(values.json))
        : replayLog(directory, progress(values.json))
      const counted = values.count === undefined ? {} : { counted: countEvents(directory, values.count, report.height) }
      tell(values.json, name, { ...report, ...counted })
      return report
    })
    return reports.every(({ equal }) => equal) ? 0 : 1
  } finally {
    lock?.release()
  }
}

function tell(isJson: boolean, group: string, report: ReplayReport & { readonly counted?: number }): void {
  if (isJson) {
    console.log(JSON.stringify({ group, ...report }))
    return
  }
  const { height, size, stateHash, equal, firstDifference, counted } = report
  clearProgress()
  if (equal) console.log(`✓ ${group}: ${size} entries up to block ${height} came out equal; state ${stateHash}.`)
  else if (firstDifference !== undefined) {
    const { what, logged, replayed, leafIndex } = firstDifference
    const place = leafIndex === undefined ? '' : `, entry ${leafIndex}`
    console.log(`✗ ${group}: block ${firstDifference.height}${place}: ${what} is ${replayed}, the log says ${logged}.`)
  }
  if (counted !== undefined) console.log(`  ${counted} events of that type.`)
}

function countEvents(directory: string, type: string, lastHeight: number): number {
  let count = 0
  for (const { height, leaves } of walkLog(directory)) {
    if (height > lastHeight) break
    for (const { events } of leaves) {
      const stored = JSON.parse(Buffer.from(events).toString('utf8')) as readonly { readonly type: string }[]
      count += stored.filter((event) => event.type === type).length
    }
  }
  return count
}

function progress(isJson: boolean): ReplayOptions {
  if (isJson || !process.stderr.isTTY) return {}
  return { onProgress: ({ height, size }) => void process.stderr.write(`\r  block ${height}, ${size} entries`) }
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
