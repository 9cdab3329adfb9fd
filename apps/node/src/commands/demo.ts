/** `demo certificates`: the whole way from a register to certificates that a stranger checks, against a running node. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createNodeClient } from '@chengxin/client'
import { certificatesDemo, DemoFailed, type DemoStep } from '@chengxin/services'
import { readSettings } from '../config.ts'
import { UsageFault } from '../usage-fault.ts'

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const settings = readSettings(environment)
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      csv: { type: 'string' },
      out: { type: 'string', default: 'demo-certificates' },
      url: { type: 'string', default: environment['CHENGXIN_URL'] || settings.publicUrl },
      group: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals[0] !== 'certificates' || values.csv === undefined) {
    throw new UsageFault('demo certificates --csv FILE [--out DIRECTORY] [--url ADDRESS] [--json]')
  }
  const told = values.json ? tellProgram : tellPeople
  try {
    const csv = await readFile(values.csv).catch(() => {
      throw new DemoFailed('read', `${values.csv} cannot be read.`)
    })
    const steps = certificatesDemo({
      node: createNodeClient({ url: values.url }),
      csv,
      directory: resolve(values.out),
      ...(settings.isPublicUrlSet ? { publicUrl: settings.publicUrl } : {}),
      ...(values.limit === undefined ? {} : { limit: Number(values.limit) }),
      onProgress: values.json ? () => undefined : progress,
    })
    for await (const step of steps) told(step)
    return 0
  } catch (error) {
    const step = error instanceof DemoFailed ? error.step : 'failed'
    if (values.json) tellProgram({ step, ok: false, sentence: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

function tellProgram(step: DemoStep): void {
  process.stdout.write(`${JSON.stringify(step)}\n`)
}

type Facts = { readonly [fact: string]: unknown }

/** What each step means to people. A step without words here is shown with its facts. */
const sentences: { readonly [step: string]: (facts: Facts) => string } = {
  read: ({ rows }) => `The register holds ${rows} graduates.`,
  connect: ({ url, group }) => `Connected to ${url}, group ${group}.`,
  offices: ({ newIdentities, newRoles }) =>
    `Offices are filled (${newIdentities} new identities, ${newRoles} new roles, each by two of three).`,
  issuer: ({ typeId }) => `The university may issue ${typeId}.`,
  residents: ({ count, transactions }) => `${count} residents have DIDs (${transactions} transactions).`,
  confirmed: ({ count }) => `The identity bureau has confirmed ${count} residents.`,
  anchored: ({ count, root, height }) =>
    `${count} certificates are anchored in block ${height} under one root, ${root}.`,
  issued: ({ count, files }) => `${count} certificates are signed, each with its receipt inside: ${files}.`,
  'status-published': ({ version }) => `The status list is published, version ${version}.`,
  revoked: ({ certificate, version }) =>
    `The certificate of ${certificate} is revoked in version ${version} of the list.`,
  forged: () => 'Two certificates are forged: a better grade, and another holder.',
  bundle: ({ signedBy, of, sequence, expiresAtMs }) =>
    `Trust bundle ${sequence} is signed by ${signedBy} of ${of}, until ${new Date(Number(expiresAtMs)).toISOString()}.`,
  audit: ({ name, verdict, code }) => `Checked offline: ${name} is ${verdict}${code === 'none' ? '' : ` (${code})`}.`,
}

function tellPeople({ step, ok: _, ...facts }: DemoStep): void {
  clearProgress()
  if (step !== 'summary') {
    console.log(`✓ ${sentences[step]?.(facts) ?? `${step} ${JSON.stringify(facts)}`}`)
    return
  }
  const { anchored, revoked, forged, files, check, explorer } = facts
  const { good, bundle } = files as unknown as { readonly good: string; readonly bundle: string }
  console.log(`\n${anchored} anchored, ${revoked} revoked, forged ones ${forged}.\n`)
  for (const [name, path] of Object.entries(files as unknown as Facts)) console.log(`  ${name.padEnd(13)} ${path}`)
  console.log(`  ${'check'.padEnd(13)} ${check}\n  ${'explorer'.padEnd(13)} ${explorer}`)
  console.log(`\nCheck one yourself, without a network:\n  npx chengxin audit ${good} --bundle ${bundle}`)
}

function progress(step: string, count: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${step} ${count} of ${of}`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
