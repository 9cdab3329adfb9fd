/**
 * A group of organisations as docs/consortium.md founds it, each with the program an operator runs and a data directory of
 * its own: an authority of the test's own certifies them, and boundaries lie close together.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type Action,
  action,
  buildTransaction,
  createNodeClient,
  type GroupClient,
  governance,
  type Signer,
} from '@chengxin/client'
import { loadKey, openSigner } from '@chengxin/client/node'
import { issueCertificate, privateJwkFrom, publicPart } from '@chengxin/crypto'
import { createSigner, sha256 } from '@chengxin/crypto/node'
import { expectOk, type GroupId, toUtf8 } from '@chengxin/kernel'
import { home, type RunningNode, startNode } from '../running-node.ts'

const run = promisify(execFile)
const program = join(home, 'apps/node/dist/main.js')
const passphrase = 'organisations in a test'
const day = 24 * 60 * 60 * 1000

const authority = createSigner(privateJwkFrom('ES256', sha256(toUtf8('the authority of a test'))))
const authorityName = { organizationName: 'City', commonName: 'City CA' }

export interface HostsOptions {
  readonly names: readonly string[]
  /** Nodes from here on, engines fifty above. */
  readonly firstPort: number
  readonly stateRootEvery: number
}

export class Hosts {
  readonly directory = mkdtempSync(join(tmpdir(), 'chengxin-hosts-'))
  readonly nodes = new Map<string, RunningNode>()
  readonly #options: HostsOptions
  readonly #ports = new Map<string, number>()
  readonly #signers = new Map<string, Signer>()
  readonly #starting: Promise<RunningNode>[] = []
  #serial = 0
  groupId = '' as GroupId

  constructor(options: HostsOptions) {
    this.#options = options
    writeFileSync(this.at('passphrase'), `${passphrase}\n`, { mode: 0o600 })
    for (const folder of ['offers', 'certificates']) mkdirSync(this.at(folder))
    writeFileSync(this.at('ca.pem'), pem(this.#certificate(authorityName, authority.jwk, true)))
  }

  at(...parts: readonly string[]): string {
    return join(this.directory, ...parts)
  }

  offer(name: string): string {
    return this.at('offers', `member_${name}.offer.json`)
  }

  /** Runs the program as its operator does; the last line that it told. */
  async run(...args: readonly string[]): Promise<{ readonly [fact: string]: unknown }> {
    const env = { ...process.env, CHENGXIN_PASSPHRASE_FILE: this.at('passphrase') }
    const { stdout } = await run(process.execPath, [program, ...args, '--json'], { env })
    return JSON.parse(stdout.trim().split('\n').at(-1) as string) as { readonly [fact: string]: unknown }
  }

  /** Keys, offer and certificate of an organisation. */
  async init(name: string): Promise<void> {
    const port = this.#options.firstPort + this.#ports.size
    this.#ports.set(name, port)
    await this.run(
      ...['consortium', 'init', '--member', `member_${name}`, '--organisation', `The ${name}`, '--chain', 'macau'],
      ...['--url', `http://localhost:${port}`, '--engine', `127.0.0.1:${port + 50}`],
      ...['--data', this.at(name), '--out', this.at('offers')],
    )
    const { privateJwk } = expectOk(await loadKey(this.at(name, 'keys'), 'certificate', passphrase))
    const subject = { organizationName: `The ${name}`, commonName: `member_${name}` }
    const certificate = this.#certificate(subject, publicPart(privateJwk), false)
    writeFileSync(this.at('certificates', `member_${name}.pem`), pem(certificate))
  }

  #certificate(subject: typeof authorityName, jwk: Parameters<typeof issueCertificate>[0]['jwk'], isCa: boolean) {
    const serial = Buffer.alloc(16, ++this.#serial)
    const [notBeforeMs, notAfterMs] = [Date.now() - day, Date.now() + 300 * day]
    const order = { subject, jwk, serial, notBeforeMs, notAfterMs, isCa }
    return issueCertificate(order, { subject: authorityName, ...authority })
  }

  /** One genesis for all, installed and started. */
  async found(): Promise<void> {
    const { names, stateRootEvery } = this.#options
    for (const name of names) await this.init(name)
    const genesis = this.at('genesis.json')
    await this.run(
      ...['consortium', 'genesis', '--name', 'Records', '--origin', 'city.example/groups/records', '--read', 'public'],
      ...['--at', new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z/, 'Z'), '--threshold', '3'],
      ...['--state-root-every', String(stateRootEvery)],
      ...['--ca', this.at('ca.pem'), '--certificates', this.at('certificates'), '--out', genesis],
      ...names.map((name) => this.offer(name)),
    )
    const offers = names.map((name) => this.offer(name))
    for (const name of names) {
      const facts = await this.run(
        ...['consortium', 'install', '--group', 'records', '--genesis', genesis, '--data', this.at(name), ...offers],
      )
      this.groupId = facts['group'] as GroupId
    }
    await Promise.all(names.map((name) => this.start(name)))
  }

  async start(name: string): Promise<RunningNode> {
    const port = this.#ports.get(name) as number
    const env = { CHENGXIN_PASSPHRASE_FILE: this.at('passphrase'), CHENGXIN_SNAPSHOT_SECONDS: '0' }
    const starting = startNode({ data: this.at(name), port, env })
    this.#starting.push(starting)
    const node = await starting
    this.nodes.set(name, node)
    return node
  }

  url(name: string): string {
    return `http://localhost:${this.#ports.get(name)}`
  }

  client(name: string): GroupClient {
    return createNodeClient({ url: this.url(name) }).group(this.groupId)
  }

  /** An answer of a member's node, whatever its status. */
  async get(
    name: string,
    path: string,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
    const response = await fetch(`${this.url(name)}/v1/groups/${this.groupId}${path}`)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  /** Signed by the administrator of a member and handed in at that member's node. */
  async send(
    name: string,
    actions: readonly Action[],
  ): Promise<readonly { readonly status: string; readonly id?: string }[]> {
    const signer = this.#signers.get(name) ?? expectOk(await openSigner(this.at(name, 'keys'), 'admin', passphrase))
    this.#signers.set(name, signer)
    const built = await Promise.all(
      actions.map((one) => buildTransaction({ group: this.groupId, actions: [one] }, signer)),
    )
    return this.client(name).submit(built.map(({ jws }) => jws))
  }

  /** Changes proposed by somebody, for the entries that they make in the log. */
  async fill(name: string, count: number, word: string): Promise<readonly string[]> {
    const actions = Array.from({ length: count }, (_none, index) =>
      action(governance.proposeChange, {
        proposalId: `proposal_${word}-${index}`,
        change: { kind: 'setReceiptQuorum', cosignatures: 3 },
      }),
    )
    const outcomes = await this.send(name, actions)
    const lost = outcomes.find(({ status }) => status !== 'committed' && status !== 'refused')
    if (lost !== undefined) throw new Error(`An entry was not made: ${JSON.stringify(lost)}`)
    return outcomes.map(({ id = '' }) => id)
  }

  /** Halts the engine of a member where it stands, or lets it go on. */
  halt(name: string, isHalted: boolean): void {
    const pid = this.#engineOf(name)
    if (pid === undefined) throw new Error(`The engine of ${name} does not run.`)
    process.kill(pid, isHalted ? 'SIGSTOP' : 'SIGCONT')
  }

  #engineOf(name: string): number | undefined {
    const home = this.at(name, 'groups', 'records', 'engine')
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(home)) return Number(pid)
      } catch {
        // It has ended meanwhile.
      }
    }
    return undefined
  }

  async remove(): Promise<void> {
    // One that was still being started when a test failed must not stay behind.
    await Promise.allSettled(this.#starting)
    for (const [name, node] of this.nodes) {
      const engine = this.#engineOf(name)
      await node.kill()
      // One that a test has halted does not notice that its node is gone.
      if (engine !== undefined) process.kill(engine, 'SIGKILL')
    }
    if (process.env['CHENGXIN_KEEP'] === undefined)
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
  }
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
