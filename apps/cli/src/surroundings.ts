/** What every command needs: settings, a way to speak, a node, and whoever signs. */
import {
  createNodeClient,
  type GroupClient,
  type GroupSummary,
  type NodeClient,
  type SampleName,
  type Signer,
  sampleActor,
  sampleNames,
} from '@chengxin/client'
import { openSigner, readPassphrase } from '@chengxin/client/node'
import { isRefusal } from '@chengxin/kernel'
import type { Command } from 'commander'
import { CliFault, faultOf } from './fault.ts'
import { createOutput, type Output } from './output.ts'
import { type CliSettings, readCliSettings } from './settings.ts'

export interface Surroundings {
  readonly settings: CliSettings
  readonly output: Output
  readonly node: NodeClient
  /** The group that `--group` names, or the only one of the node. */
  group(): Promise<{ readonly client: GroupClient; readonly summary: GroupSummary }>
  /** `NAME` of the keystore, or `sample:NAME` of the sample city's public cast. */
  signer(name: string): Promise<Signer>
  /** The passphrase for making (asked twice) or opening a key. */
  passphrase(prompt: string, confirm?: boolean): Promise<string>
}

interface GlobalOptions {
  readonly json?: boolean
  readonly url?: string
  readonly group?: string
}

export function surroundingsOf(command: Command): Surroundings {
  const options = command.optsWithGlobals<GlobalOptions>()
  const settings = readCliSettings(process.env)
  const output = createOutput(process.stdout, {
    isJson: options.json === true,
    noColor: (process.env['NO_COLOR'] ?? '') !== '',
  })
  const node = createNodeClient({ url: options.url ?? settings.url })

  async function passphrase(prompt: string, confirm = false): Promise<string> {
    const read = await readPassphrase({ file: settings.passphraseFile, prompt, confirm })
    if (isRefusal(read)) throw faultOf(read.refused)
    return read
  }

  async function group() {
    const client = await node.findGroup(options.group)
    const summary = (await node.groups()).find(({ id }) => id === client.groupId)
    if (summary === undefined) throw new CliFault('The node no longer keeps this group.')
    return { client, summary }
  }

  return {
    settings,
    output,
    node,
    group,
    passphrase,
    async signer(name) {
      if (name.startsWith('sample:')) return sampleSigner(name.slice('sample:'.length), (await group()).summary)
      // A key that needs no passphrase is opened without asking for one.
      const plain = await openSigner(settings.keysDirectory, name, undefined)
      if (!isRefusal(plain)) return plain
      if (plain.refused !== 'passphrase_needed') throw faultOf(plain.refused)
      const signer = await openSigner(settings.keysDirectory, name, await passphrase(`Passphrase of ${name}`))
      if (isRefusal(signer)) throw faultOf(signer.refused)
      return signer
    },
  }
}

function sampleSigner(name: string, { sample }: GroupSummary): Signer {
  if (!sample) throw new CliFault('The public keys of the sample city sign in the sample city alone.')
  const known = sampleNames.find((candidate): candidate is SampleName => candidate === name)
  if (known === undefined) throw new CliFault(`The sample city has no ${name}; it has ${sampleNames.join(', ')}.`, 2)
  return sampleActor(known).signer
}
