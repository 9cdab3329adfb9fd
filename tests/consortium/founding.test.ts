/**
 * Four organisations found a group as docs/consortium.md has it: keys that stay with their owners, certificates by an
 * authority (OpenSSL's), one genesis that each makes itself, four nodes, and a change that three administrators pass.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { requirePeer } from '../peers/require-peer.ts'
import { home, type RunningNode, startNode } from '../running-node.ts'
import { hasEngine } from './engine.ts'

const hasOpenssl = requirePeer('OpenSSL', () => spawnSync('openssl', ['version']).status === 0, 'apt install openssl')

const names = ['bank', 'bureau', 'court', 'university']
const firstPort = 18_440
const run = promisify(execFile)

describe.skipIf(!hasEngine || !hasOpenssl)('four bare hosts', () => {
  const directory = hasEngine ? mkdtempSync(join(tmpdir(), 'chengxin-hosts-')) : ''
  const at = (...parts: readonly string[]) => join(directory, ...parts)
  const passphrase = at('passphrase')
  const nodes: RunningNode[] = []
  const offers = names.map((name) => at('offers', `member_${name}.offer.json`))

  async function chengxin(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ [fact: string]: unknown }> {
    const { stdout } = await run(process.execPath, [join(home, 'apps/cli/bin/chengxin.mjs'), ...args, '--json'], {
      env: { ...process.env, CHENGXIN_PASSPHRASE_FILE: passphrase, ...env },
    })
    return JSON.parse(stdout.trim().split('\n').at(-1) as string) as { [fact: string]: unknown }
  }

  /** Signs as the administrator of a member, at that member's own node. */
  const send = (name: string, type: string, args: object) =>
    chengxin(['tx', 'send', type, '--as', 'admin', '--args', JSON.stringify(args)], {
      CHENGXIN_HOME: at(name),
      CHENGXIN_URL: nodes[names.indexOf(name)]?.url,
    })

  /** For the block that it makes. */
  const proposeSomething = (turn: number) =>
    send('bureau', 'governance.proposeChange', {
      proposalId: `proposal_something-${turn}`,
      change: { kind: 'grantRole', role: 'issuer_authority', did: adminOf('bureau'), member: 'member_bureau' },
    })

  const adminOf = (name: string) =>
    (JSON.parse(readFileSync(at(name, 'keys', 'admin.json'), 'utf8')) as { readonly did: string }).did

  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })

  function certify(name: string): void {
    openssl(
      ...['x509', '-req', '-in', `offers/member_${name}.csr.pem`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-days', '365', '-extfile', 'usage.cnf', '-out', `certificates/member_${name}.pem`],
    )
  }

  afterAll(async () => {
    for (const node of nodes) await node.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('each makes its keys, and gives away what may be known', async () => {
    writeFileSync(passphrase, 'four hosts in a test\n', { mode: 0o600 })
    for (const [index, name] of names.entries()) {
      const made = await chengxin([
        ...['consortium', 'init', '--member', `member_${name}`, '--organisation', `The ${name} 城`, '--chain', 'macau'],
        ...['--url', `http://localhost:${firstPort + index}`, '--engine', `127.0.0.1:${firstPort + 5 + index}`],
        ...['--data', at(name), '--out', at('offers')],
      ])
      expect(made).toMatchObject({ ok: true, offer: offers[index] })
      expect(readFileSync(offers[index] as string, 'utf8')).not.toContain('"d":')
    }
  })

  test('the authority certifies them', () => {
    mkdirSync(at('certificates'))
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650'],
      ...['-subj', '/O=City/CN=City CA', '-keyout', 'ca.key', '-out', 'ca.pem'],
      ...['-addext', 'keyUsage=critical,keyCertSign'],
    )
    writeFileSync(at('usage.cnf'), 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n')
    for (const name of names) certify(name)
  })

  test('each comes to the same genesis and installs it', async () => {
    const time = new Date(Math.floor(Date.now() / 1000) * 1000 + 1_000).toISOString().replace('.000Z', 'Z')
    const groups = new Set<unknown>()
    for (const name of names) {
      const { group } = await chengxin([
        ...['consortium', 'genesis', '--name', 'Certificates', '--origin', 'city.example/groups/certificates'],
        ...['--at', time, '--threshold', '3', '--read', 'public', '--ca', at('ca.pem')],
        ...['--certificates', at('certificates'), '--out', at(`${name}.genesis.json`), ...offers],
      ])
      groups.add(group)
      const installed = await chengxin([
        ...['consortium', 'install', '--group', 'certificates', '--genesis', at(`${name}.genesis.json`)],
        ...['--data', at(name), ...offers],
      ])
      expect(installed).toMatchObject({ ok: true, group, member: `member_${name}` })
    }
    expect(groups.size).toBe(1)
  })

  test('four nodes start, and three administrators change the group', async () => {
    const starting = names.map((name, index) =>
      startNode({ data: at(name), port: firstPort + index, env: { CHENGXIN_PASSPHRASE_FILE: passphrase } }),
    )
    nodes.push(...(await Promise.all(starting)))
    const { did } = await chengxin(['did', 'show', 'admin'], {
      CHENGXIN_HOME: at('bureau'),
      CHENGXIN_URL: nodes[0]?.url,
    })
    const change = { kind: 'grantRole', role: 'registrar', did, member: 'member_bureau' }
    const proposalId = 'proposal_first-registrar'
    await send('bureau', 'governance.proposeChange', { proposalId, change })
    await send('court', 'governance.approveChange', { proposalId })
    await send('university', 'governance.approveChange', { proposalId })
    const heads = await Promise.all(
      nodes.map(async ({ url }) => {
        const { groups } = (await (await fetch(`${url}/v1/groups`)).json()) as { groups: readonly { size: number }[] }
        return groups[0]?.size
      }),
    )
    // The last may be a block behind; none shows anything else.
    for (const size of heads) expect([2, 3]).toContain(size)
  })

  test('a fifth joins: admitted by the committee, it replays the log and votes with the others', async () => {
    const port = firstPort + 4
    const member = 'member_transport'
    const offer = at('offers', `${member}.offer.json`)
    await chengxin([
      ...['consortium', 'init', '--member', member, '--organisation', 'The transport 城', '--chain', 'macau'],
      ...['--url', `http://localhost:${port}`, '--engine', `127.0.0.1:${firstPort + 9}`],
      ...['--data', at('transport'), '--out', at('offers')],
    ])
    certify('transport')
    const [{ url }] = nodes as [RunningNode]
    const { groups } = (await (await fetch(`${url}/v1/groups`)).json()) as { groups: readonly { id: string }[] }
    const group = groups[0]?.id as string
    await chengxin([
      ...['consortium', 'admission', '--group', group, '--certificate', at('certificates', `${member}.pem`)],
      ...['--data', at('transport'), '--out', at('admission.json'), offer],
    ])
    await chengxin([
      ...['consortium', 'install', '--group', 'certificates', '--genesis', at('bank.genesis.json')],
      ...['--data', at('transport'), ...offers, offer],
    ])
    // The group was idle: its block time is that of its last blocks, and the certificate begins after those.
    const change: unknown = JSON.parse(readFileSync(at('admission.json'), 'utf8'))
    const proposalId = 'proposal_fifth-member'
    await send('bank', 'governance.proposeChange', { proposalId, change })
    await send('court', 'governance.approveChange', { proposalId })
    await send('university', 'governance.approveChange', { proposalId })
    const env = { CHENGXIN_PASSPHRASE_FILE: passphrase }
    nodes.push(await startNode({ data: at('transport'), port, env }))
    // Its vote counts when the commit of a later block has it.
    for (let turn = 1; ; turn++) {
      const answer = (await (await fetch(`${url}/v1/groups/${group}`)).json()) as {
        readonly consensus: {
          readonly validators: readonly { readonly member: string; readonly signedHeight?: number }[]
        }
      }
      const newcomer = answer.consensus.validators.find((one) => one.member === member)
      if (newcomer?.signedHeight !== undefined) break
      await proposeSomething(turn)
    }
    const newcomer = (await (await fetch(`http://localhost:${port}/v1/groups/${group}`)).json()) as object
    expect(newcomer).toMatchObject({ health: { status: 'ok' }, members: 5, consensus: { state: 'ready' } })
  })
})
