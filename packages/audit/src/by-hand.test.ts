/** The script that checks a certificate without any code of ours comes to the same verdicts. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { altered, redisclosed, type Scene, scene, thief } from '@chengxin/testkit/certificate-scene'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requirePeer } from '../../../tests/peers/require-peer.ts'

const script = new URL('../by-hand/check_certificate.py', import.meta.url).pathname
const isThere = requirePeer(
  'Python 3.9 with openssl 3',
  () =>
    spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0 &&
    spawnSync('openssl', ['version']).stdout.toString().startsWith('OpenSSL 3'),
  'apt install python3 openssl',
)

describe.skipIf(!isThere)('a certificate checked by hand', () => {
  const far = 4_000_000_000_000
  const good = scene({}, (payload) => ({ ...payload, expiresAtMs: far }))
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'by-hand-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  async function check(text: string, { bundle, city }: Scene = good): Promise<string[]> {
    const [certificate, trust] = [join(directory, 'certificate.sd-jwt'), join(directory, 'bundle.json')]
    await writeFile(certificate, text)
    await writeFile(trust, bundle)
    const { stdout, stderr, status } = spawnSync('python3', [script, certificate, trust, city.group], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const failed = stdout
      .split('\n')
      .filter((line) => line.endsWith('FAIL'))
      .map((line) => line.split(' ')[0] as string)
    expect(status).toBe(failed.length === 0 ? 0 : 1)
    return failed
  }

  test('a good one passes', async () => {
    expect(await check(good.text)).toEqual([])
    expect(await check(good.texts[4] as string)).toEqual([])
  })

  test('a revoked one, a changed grade and another holder do not', async () => {
    expect(await check(good.texts[1] as string)).toEqual(['status'])
    expect(await check(redisclosed(good.text, 'gpa', '4.00'))).toContain('format')
    expect(await check(altered(good.text, { cnf: { jwk: thief.jwk } }))).toEqual(['signature', 'anchor'])
  })

  test('a bundle of too few signers, a receipt without its quorum, an anchoring by another do not', async () => {
    const alone = good.city.signBundle(
      { ...good.city.bundlePayload(), expiresAtMs: far },
      good.city.committee.slice(0, 1),
    )
    expect(await check(good.text, { ...good, bundle: alone })).toEqual(['bundle'])
    const weak = scene({ checkpoint: { cosigners: 1 } }, (payload) => ({ ...payload, expiresAtMs: far }))
    expect(await check(weak.text, weak)).toEqual(['receipt'])
    const foreign = scene({ anchoredBy: thief }, (payload) => ({ ...payload, expiresAtMs: far }))
    expect(await check(foreign.text, foreign)).toEqual(['anchor'])
  })
})
