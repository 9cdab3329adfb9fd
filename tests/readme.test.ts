/** What the README tells a newcomer to type, typed as it stands there, against a running node. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requirePeer } from './peers/require-peer.ts'
import { home, type RunningNode, startNode, temporaryData } from './running-node.ts'

const readme = readFileSync(join(home, 'README.md'), 'utf8')
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trimEnd().split('\n'))
/** Installing, starting and testing are what runs this test; the rest is typed into a second terminal. */
const typed = commands.filter((command) => !command.startsWith('npm '))

const place = temporaryData()
/** The repository as a newcomer has it, but for what the commands write. */
const clone = join(place.path, 'clone')
let node: RunningNode

beforeAll(async () => {
  mkdirSync(clone)
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(home, name), join(clone, name))
  cpSync(join(home, 'samples'), join(clone, 'samples'), { recursive: true })
  node = await startNode({ data: join(place.path, 'data') })
})

afterAll(async () => {
  await node?.stop()
  place.remove()
})

interface Ran {
  readonly status: number | null
  readonly output: string
}

const noNetwork = ['unshare', '--map-root-user', '--net'] as const
const canCutOff = requirePeer(
  'A way to run a program without any network (unshare)',
  () => spawnSync(noNetwork[0], [...noNetwork.slice(1), 'true']).status === 0,
  'apt install util-linux, and run the tests where network namespaces are allowed',
)

function type(command: string, { cutOff = false } = {}): Ran {
  const [program, ...rest] = cutOff ? [...noNetwork, 'sh', '-c', command] : ['sh', '-c', command]
  const { status, stdout, stderr } = spawnSync(program, rest, {
    cwd: clone,
    timeout: 240_000,
    encoding: 'utf8',
    env: {
      ...process.env,
      CHENGXIN_URL: node.url,
      CHENGXIN_HOME: join(place.path, 'home'),
      NO_COLOR: '1',
      // As where nothing of ours can be fetched: a command that is not installed has to fail.
      npm_config_offline: 'true',
    },
  })
  return { status, output: `${stdout}${stderr}` }
}

test('there are commands to try, and the ones that matter are among them', () => {
  expect(commands).toContain('npm ci && npm start')
  expect(commands).toContain('npm ci && npm test')
  expect(typed.length).toBeGreaterThanOrEqual(2)
})

test.each(typed)('%s', (command) => {
  const { status, output } = type(command)
  expect(status, output).toBe(0)
  expect(output).not.toMatch(/\bat .*\.[jt]s:\d+/)
})

test('the demonstration tells programs what it did, one object a step', () => {
  const { status, output } = type(
    'npx chengxin demo certificates --csv samples/graduates.csv --out demo-again --json 2>/dev/null',
  )
  expect(status, output).toBe(0)
  const steps = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: string; ok: boolean })
  expect(steps.every(({ ok }) => ok)).toBe(true)
  const rows = readFileSync(join(home, 'samples/graduates.csv'), 'utf8').trimEnd().split('\n').length - 1
  expect(steps.at(-1)).toMatchObject({ step: 'summary', anchored: rows, revoked: 1, forged: 'refused' })
})

test('the demonstration fails with one sentence where its file is missing', () => {
  const { status, output } = type('npx chengxin demo certificates --csv nowhere.csv')
  expect(status).not.toBe(0)
  expect(output.trim().split('\n').at(-1)).toBe('nowhere.csv cannot be read.')
})

describe.skipIf(!canCutOff)('with no network at all', () => {
  const audit = (file: string) =>
    type(`npx chengxin audit demo-certificates/${file} --bundle demo-certificates/bundle.json`, { cutOff: true })

  test('there is none', () => {
    const asks = `node -e "fetch('${node.url}/health').then(() => process.exit(1), () => process.exit(7))"`
    expect(type(asks, { cutOff: true }).status).toBe(7)
    expect(type(asks).status).toBe(1)
  })

  test.each([
    ['good.sd-jwt', 0],
    ['revoked.sd-jwt', 1],
    ['forged.sd-jwt', 1],
    ['forged-holder.sd-jwt', 1],
  ])('%s is told apart: %i', (file, status) => {
    expect(existsSync(join(clone, 'demo-certificates', file))).toBe(true)
    const ran = audit(file)
    expect(ran.status, ran.output).toBe(status)
  })

  test('without the bundle nothing is called valid', () => {
    const { status, output } = type('npx chengxin audit demo-certificates/good.sd-jwt', { cutOff: true })
    expect(status, output).toBe(2)
  })
})
