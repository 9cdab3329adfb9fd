/** What every verb of `office` works with: the node's settings and places, and how it tells what it did. */
import { readSettings, type Settings } from '../config.ts'
import { type DataPaths, dataPaths, groupNames } from '../data-directory.ts'
import { OfficesFault } from '../offices/offices-file.ts'
import { keystorePassphrase } from '../secrets.ts'
import { UsageFault } from '../usage-fault.ts'

export interface Desk {
  readonly settings: Settings
  readonly paths: DataPaths
  readonly passphrase: string | undefined
  readonly tell: (facts: { readonly [fact: string]: unknown }, told: string) => void
}

export const text = { type: 'string' } as const
export const shared = { data: text, json: { type: 'boolean', default: false } } as const

export async function deskFor(
  environment: NodeJS.ProcessEnv,
  { data, json }: { readonly data?: string; readonly json: boolean },
): Promise<Desk> {
  const settings = readSettings(data === undefined ? environment : { ...environment, CHENGXIN_DATA: data })
  return {
    settings,
    paths: dataPaths(settings.dataDirectory),
    passphrase: await keystorePassphrase(environment),
    tell: (facts, told) => console.log(json ? JSON.stringify(facts) : told),
  }
}

export async function onlyGroup(paths: DataPaths): Promise<string> {
  const [name, ...more] = await groupNames(paths)
  if (name === undefined) throw new OfficesFault('There is no group yet: see chengxin consortium install.')
  if (more.length > 0) throw new UsageFault('There are several groups: name one with --group.')
  return name
}
