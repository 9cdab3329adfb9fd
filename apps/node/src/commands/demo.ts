/**
 * Demonstrations against a running node. `demo certificates`: from a register to certificates that a stranger checks.
 * `demo macau`: the whole scheme at the desks of a sample city, from who somebody is to a certificate that was taken back.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createNodeClient, type NodeClient } from '@chengxin/client'
import { certificatesDemo, DemoFailed, type DemoStep, macauDemo } from '@chengxin/services'
import { readSettings } from '../config.ts'
import { UsageFault } from '../usage-fault.ts'
import { told } from './demo-words.ts'
import { toldOfMacau } from './macau-words.ts'

/** Who mends these finds the next. */
const furtherShown = 20

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const settings = readSettings(environment)
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      csv: { type: 'string' },
      out: { type: 'string', default: 'demo-certificates' },
      url: { type: 'string', default: environment['CHENGXIN_URL'] || settings.publicUrl },
      'bureau-url': { type: 'string' },
      'verifier-url': { type: 'string' },
      group: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [name] = positionals
  const { csv, json } = values
  const isKnown = name === 'macau' || (name === 'certificates' && csv !== undefined)
  if (!isKnown) {
    throw new UsageFault(
      'demo macau [--url ADDRESS] [--json]; demo certificates --csv FILE [--out DIRECTORY] [--url ADDRESS] [--bureau-url ADDRESS] [--verifier-url ADDRESS] [--json]',
    )
  }
  const tell = json ? tellProgram : name === 'macau' ? tellOfMacau : tellPeople
  try {
    const steps =
      name === 'macau'
        ? macauDemo({ url: values.url })
        : certificatesDemo({
            node: createNodeClient({ url: values.url }),
            bureauNode: nodeAt(values['bureau-url']),
            verifierNode: nodeAt(values['verifier-url']),
            csv: await readRegister(csv ?? ''),
            directory: resolve(values.out),
            ...(settings.isPublicUrlSet ? { publicUrl: settings.publicUrl } : {}),
            ...(values.limit === undefined ? {} : { limit: Number(values.limit) }),
            onProgress: json ? () => undefined : progress,
          })
    for await (const step of steps) tell(step)
    return 0
  } catch (error) {
    const { step, further } = error instanceof DemoFailed ? error : { step: 'failed', further: [] }
    const sentence = error instanceof Error ? error.message : String(error)
    if (json) tellProgram({ step, ok: false, sentence, ...(further.length > 0 ? { further } : {}) })
    else for (const line of further.slice(0, furtherShown)) console.error(`  ${line}`)
    throw error
  }
}

async function readRegister(file: string): Promise<Uint8Array> {
  return readFile(file).catch(() => {
    throw new DemoFailed('read', `${file} cannot be read.`)
  })
}

function nodeAt(url: string | undefined): NodeClient | undefined {
  return url === undefined ? undefined : createNodeClient({ url })
}

function tellProgram(step: DemoStep): void {
  process.stdout.write(`${JSON.stringify(step)}\n`)
}

function tellPeople(step: DemoStep): void {
  clearProgress()
  console.log(told(step))
}

function tellOfMacau(step: DemoStep): void {
  console.log(toldOfMacau(step))
}

function progress(step: string, count: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${step} ${count} of ${of}`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
