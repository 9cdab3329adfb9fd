import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { auditFile } from '@chengxin/audit'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSampleNode, type SampleNode } from '../../../../tests/in-process/sample-node.ts'
import { type CertificatesDemoOptions, certificatesDemo } from './certificates.ts'
import type { DemoStep } from './demo-step.ts'

const samples = new URL('../../../../samples/', import.meta.url)
const csv = await readFile(new URL('graduates.csv', samples))

let sample: SampleNode
beforeAll(async () => {
  sample = await openSampleNode()
}, 60_000)
afterAll(() => sample.close())

async function run(name: string, options: Partial<CertificatesDemoOptions> = {}): Promise<DemoStep[]> {
  const steps: DemoStep[] = []
  const all = { node: sample.node, csv, directory: join(sample.directory, name), limit: 24, ...options }
  for await (const step of certificatesDemo(all)) steps.push(step)
  return steps
}

const named = (steps: DemoStep[], name: string) => steps.filter(({ step }) => step === name)

test('a register becomes certificates that a stranger tells apart', async () => {
  const steps = await run('first')
  expect(steps.every(({ ok }) => ok)).toBe(true)
  expect(named(steps, 'audit').map(({ name, verdict, code }) => [name, verdict, code])).toEqual([
    ['good', 'valid', 'none'],
    ['revoked', 'not_valid', 'status_revoked'],
    ['forged', 'not_valid', 'format_disclosure_unreferenced'],
    ['forgedHolder', 'not_valid', 'signature_invalid'],
  ])
  expect(steps.at(-1)).toMatchObject({ step: 'summary', anchored: 24, revoked: 1, forged: 'refused' })

  const folder = join(sample.directory, 'first')
  const bundle = await readFile(join(folder, 'bundle.json'), 'utf8')
  const pins = { group: sample.ledger.groupId as GroupId }
  const files = await readdir(join(folder, 'certificates'))
  expect(files).toHaveLength(24)
  const verdicts = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, 'certificates', file), 'utf8')
      return (await auditFile(text, { bundle, pins, nowMs: Date.now() })).verdict
    }),
  )
  expect(verdicts.filter((verdict) => verdict === 'valid')).toHaveLength(23)
}, 60_000)

test('and again in the same city, beside what the first time left', async () => {
  const [first] = named(await run('second'), 'bundle')
  const again = await run('third', { limit: 3 })
  expect(named(again, 'offices')[0]).toMatchObject({ newIdentities: 0, newRoles: 0 })
  expect(named(again, 'issuer')[0]).toMatchObject({ typeDefined: false, universityAuthorised: false })
  expect(Number(named(again, 'bundle')[0]?.['sequence'])).toBe(Number(first?.['sequence']) + 1)
  expect(again.at(-1)).toMatchObject({ step: 'summary', anchored: 3, revoked: 1 })
}, 60_000)

test('two at the same time do not stand in each other’s way, and leave no plan behind', async () => {
  const both = await Promise.all([run('left', { limit: 2 }), run('right', { limit: 2 })])
  const sequences = both.map((steps) => Number(named(steps, 'bundle')[0]?.['sequence']))
  expect(new Set(sequences).size).toBe(2)
  expect((await readdir(join(sample.directory, 'left', 'issuer'))).every((name) => name.startsWith('list_'))).toBe(true)
}, 60_000)

test('no name, date or number of a graduate reaches the ledger', async () => {
  const rows = csv.toString('utf8').split('\n').slice(1, 25)
  const personal = rows.flatMap((row) => row.split(',').slice(0, 4)).filter((value) => value.length > 3)
  let logged = ''
  for (let index = 0; ; index++) {
    const leaf = sample.ledger.leaf(index)
    if (leaf === undefined) break
    const text = Buffer.from(leaf).toString('utf8')
    const { jws } = JSON.parse(text) as { jws: string }
    logged += text + Buffer.from(jws.split('.')[1] as string, 'base64url').toString('utf8')
  }
  expect(logged.length).toBeGreaterThan(10_000)
  expect(personal.length).toBeGreaterThan(70)
  expect(personal.filter((value) => logged.includes(value))).toEqual([])
})

test('a register with faults stops everything before anything is sent', async () => {
  const { size } = sample.ledger.head()
  const faulty = await readFile(new URL('graduates-with-faults.csv', samples))
  await expect(run('faulty', { csv: faulty })).rejects.toThrow(
    'The register was refused, nothing was issued. Line 7, student_no: The value stands in an earlier row too. See line 4. (and 7 more faults)',
  )
  await expect(run('one', { limit: 1 })).rejects.toThrow('at least two graduates')
  expect(sample.ledger.head().size).toBe(size)
})
