import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { saveKey } from '@chengxin/client/node'
import { actor, createCertificateCity } from '@chengxin/testkit/certificate-city'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './certificate.ts'

let work: string
let file: string
const holder = actor('holder', 'ES256')

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'chengxin-export-'))
  file = join(work, 'degree.sd-jwt')
  const city = createCertificateCity()
  const [text = ''] = city.issue([{ claims: { degree: 'BSC', name: '陳大文' }, statusIndex: 4, holder }])
  await writeFile(file, text)
  for (const name of ['issuer', 'stranger']) {
    const { privateJwk, did } = actor(name, 'ES256')
    await saveKey(work, { name, privateJwk, did, keyId: 'key-1' }, undefined)
  }
})
afterAll(() => rm(work, { recursive: true, force: true }))

const exporting = (key: string, path = file, ...more: string[]) =>
  run(['export', path, '--format', 'vcdm', '--key', key, '--keys', work, ...more], {})

test('the issuer exports a certificate: the same claims, the same place in the status list, a proof by its key', async () => {
  const out = join(work, 'degree.jsonld')
  expect(await exporting('issuer', file, '--out', out, '--issuer-name', 'Example University')).toBe(0)
  const issuer = actor('issuer', 'ES256')
  expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({
    type: ['VerifiableCredential', 'Certificate'],
    issuer: { id: issuer.did, name: 'Example University' },
    credentialSubject: { degree: 'BSC', name: '陳大文' },
    credentialStatus: { statusListIndex: 4 },
    proof: {
      cryptosuite: 'ecdsa-sd-2023',
      verificationMethod: issuer.kid,
      proofValue: expect.stringMatching(/^u2V0A/),
    },
  })
})

test('nobody else does, and what is no certificate is not exported', async () => {
  await expect(exporting('stranger')).rejects.toThrow('only its issuer')
  await expect(exporting('nobody')).rejects.toThrow('key_not_found')
  await expect(exporting('issuer', join(work, 'issuer.json'))).rejects.toThrow('no certificate')
  await expect(exporting('issuer', join(work, 'none'))).rejects.toThrow('cannot be read')
  await expect(run(['export', file, '--format', 'pdf', '--key', 'issuer'], {})).rejects.toThrow(
    'certificate export FILE',
  )
})
