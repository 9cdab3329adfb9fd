/** A city of one organisation with keys that nobody else has, founded by the built programs as an operator would. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeKey, type KeyFacts } from '@chengxin/client/node'
import { issueCertificate, type PublicJwk } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk } from '@chengxin/crypto/node'
import { expectOk } from '@chengxin/kernel'
import { home } from '../running-node.ts'

const program = join(home, 'apps/node/dist/main.js')
const dayMs = 86_400_000
export const cityGroup = 'city'

export interface OwnCity {
  /** The environment that every program of this city runs in. */
  readonly environment: { readonly [name: string]: string }
  /** The node's program, with its answer read as JSON. */
  run(...args: string[]): { readonly [fact: string]: unknown }
  /** A certificate of the city's authority, PEM, in a file. */
  certify(name: string, jwk: PublicJwk, domain?: string): string
  /** Adds an office that people meet, certified. */
  open(office: string, kind: string, facts: object): { readonly did: string }
  /** A key of the node's keystore. */
  key(name: string): Promise<KeyFacts>
}

export async function foundOwnCity(directory: string, port: number): Promise<OwnCity> {
  const data = join(directory, 'data')
  const passphraseFile = join(directory, 'passphrase')
  mkdirSync(directory, { recursive: true })
  writeFileSync(passphraseFile, 'a passphrase of this test alone\n')
  const environment = { CHENGXIN_DATA: data, CHENGXIN_PASSPHRASE_FILE: passphraseFile, CHENGXIN_PORT: String(port) }
  const run: OwnCity['run'] = (...args) => {
    const env = { ...process.env, ...environment }
    const text = execFileSync(process.execPath, [program, ...args, '--json'], { encoding: 'utf8', env })
    return JSON.parse(text) as { readonly [fact: string]: unknown }
  }
  const authority = createSigner(generatePrivateJwk('ES256'))
  const issuer = { subject: { organizationName: 'Porto City', commonName: 'Porto City Authority' }, ...authority }
  const writePem = (name: string, der: Uint8Array) => {
    const file = join(directory, `${name}.pem`)
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    writeFileSync(file, ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'))
    return file
  }
  const order = (jwk: PublicJwk) => ({
    jwk,
    serial: Uint8Array.from([1, ...crypto.getRandomValues(new Uint8Array(15))]),
    notBeforeMs: Date.now() - dayMs,
    notAfterMs: Date.now() + 365 * dayMs,
  })
  const ca = writePem('ca', issueCertificate({ ...order(authority.jwk), subject: issuer.subject, isCa: true }, issuer))
  const city: OwnCity = {
    environment,
    run,
    certify(name, jwk, domain) {
      const subject = { organizationName: 'Porto City', commonName: domain ?? name }
      const der = issueCertificate({ ...order(jwk), subject, ...(domain && { dnsNames: [domain] }) }, issuer)
      return writePem(name, der)
    },
    open(office, kind, facts) {
      const file = join(directory, `${office}.facts.json`)
      writeFileSync(file, JSON.stringify(facts))
      const { did } = run('office', 'add', '--office', office, '--kind', kind, '--facts', file) as { did: string }
      const kept = JSON.parse(readFileSync(join(data, 'keys', `office-${office}.json`), 'utf8')) as { jwk: PublicJwk }
      const certificate = city.certify(office, kept.jwk, (facts as { readonly domain: string }).domain)
      run('office', 'certify', '--office', office, '--certificate', certificate)
      return { did }
    },
    key: async (name) => expectOk(await describeKey(join(data, 'keys'), name)),
  }
  const member = 'member_city'
  const out = join(directory, 'offer')
  const url = `http://localhost:${port}`
  const named = ['--member', member, '--organisation', 'Porto City', '--chain', 'porto', '--url', url]
  run('consortium', 'init', ...named, '--engine', '127.0.0.1:26656', '--out', out)
  city.certify(member, (await city.key('certificate')).jwk)
  const [offer, genesis] = [join(out, `${member}.offer.json`), join(directory, 'genesis.json')]
  const at = `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z`
  const facts = ['--name', 'Porto City', '--origin', 'localhost/groups/city', '--at', at, '--threshold', '1']
  const papers = ['--ca', ca, '--certificates', directory, '--out', genesis]
  run('consortium', 'genesis', ...facts, ...papers, '--read', 'members', offer)
  run('consortium', 'install', '--group', cityGroup, '--alone', '--genesis', genesis, offer)
  return city
}
