/** `chengxin audit log`: reading a whole log as a stranger does, and hashing it again. */
import { auditLog, logFaults, type TrustBundle } from '@chengxin/audit'
import { createNodeClient, NodeAnswered } from '@chengxin/client'
import type { Command } from 'commander'
import { type OpenTrusted, trustedBundle } from '../bundle-file.ts'
import { example } from '../example.ts'
import { CliFault } from '../fault.ts'
import { readText } from '../read-text.ts'
import { surroundingsOf } from '../surroundings.ts'

interface LogOptions extends OpenTrusted {
  readonly earlier?: readonly string[]
}

export function addAuditLog(audit: Command): void {
  const log = audit
    .command('log [url]')
    .description('fetch a whole log, check every entry and hash, and compare with what was signed')
    .requiredOption('--bundle <file>', 'the trust bundle of the group, which names the keys of the log')
    .option('--earlier <files...>', 'checkpoints kept from earlier, which the log must continue')
    .action(async (address: string | undefined, options: LogOptions) => {
      const { output, settings, node } = surroundingsOf(log)
      const bundle = await trustedBundle(log.optsWithGlobals<LogOptions>(), settings.pinsFile)
      const url = (address ?? `${node.url}/v1/groups/${bundle.group}/log`).replace(/\/(checkpoint)?$/, '')
      const report = await auditLog(fetcherOf(url), {
        policy: bundle.policy,
        group: bundle.group,
        earlier: await earlierCheckpoints(bundle, options.earlier ?? []),
        onProgress: progress,
      })
      if (!report.sound) process.exitCode = 1
      const sentence = report.fault === undefined ? undefined : logFaults[report.fault]
      output.facts({ url, ...report, ...(sentence === undefined ? {} : { sentence }) })
    })
  example(
    log,
    'chengxin audit log --bundle bundle.json',
    'chengxin audit log https://city.example/v1/groups/ID/log --bundle bundle.json',
  )
}

/** The bundle carries a checkpoint too, and the log must continue that one as well. */
async function earlierCheckpoints({ checkpoint }: TrustBundle, files: readonly string[]): Promise<readonly string[]> {
  return [checkpoint, ...(await Promise.all(files.map(readText)))]
}

function fetcherOf(url: string) {
  if (!URL.canParse(url)) throw new CliFault(`${url} is no address.`, 2)
  const node = createNodeClient({ url })
  return async (path: string): Promise<Uint8Array | undefined> => {
    try {
      return await node.getBytes(`/${path}`)
    } catch (error) {
      if (error instanceof NodeAnswered && error.problem.status === 404) return undefined
      throw error
    }
  }
}

function progress(leaves: number, size: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${leaves} of ${size} entries${leaves === size ? '\n' : ''}`)
}
