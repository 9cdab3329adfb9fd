/** `consortium`: founding one, and `up`: a whole one on one machine, for trial, until it is stopped. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findEngine, superviseTogether } from '@chengxin/ledger'
import { memberPart, untilWell } from '../consensus/member-process.ts'
import { layOutTrial, type Trial } from '../consensus/trial-consortium.ts'
import { dataPaths } from '../data-directory.ts'
import { lockDirectory } from '../directory-lock.ts'
import { readInstalledRuleset } from '../installed-ruleset.ts'
import { sampleGroupName, sampleNodeMember } from '../sample-city/genesis.ts'
import { UsageFault } from '../usage-fault.ts'
import { runGenesis, runInit, runInstall } from './consortium-founding.ts'
import { runAdmission, runRotate, runRotation } from './consortium-membership.ts'

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [verb, ...rest] = args
  switch (verb) {
    case 'up':
      return runUp(rest, environment)
    case 'init':
      return runInit(rest, environment)
    case 'genesis':
      return runGenesis(rest)
    case 'admission':
      return runAdmission(rest, environment)
    case 'rotation':
      return runRotation(rest, environment)
    case 'rotate':
      return runRotate(rest, environment)
    case 'install':
    case 'join':
      return runInstall(rest, environment)
    default:
      throw new UsageFault(
        'consortium up|init|genesis|install|admission|join|rotation|rotate; each says what it takes.',
      )
  }
}

async function runUp(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      members: { type: 'string', default: '4' },
      data: { type: 'string', default: environment['CHENGXIN_DATA'] || 'consortium' },
      port: { type: 'string', default: environment['CHENGXIN_PORT'] || '8080' },
      json: { type: 'boolean', default: false },
    },
  })
  const engine = findEngine(environment)
  if ('missing' in engine) throw new EngineMissing(adviceFor(engine.missing))
  const tell = values.json ? tellProgram : tellPeople
  const directory = resolve(values.data)
  tell({ step: 'engine', ok: true, engine: `CometBFT ${engine.version}`, path: engine.path })
  const [members, port] = [wholeNumber('--members', values.members), wholeNumber('--port', values.port)]
  const ruleset = await readInstalledRuleset(new URL('.', import.meta.url))
  const lock = lockDirectory(join(directory, 'consortium.lock'))
  try {
    const trial = await layOutTrial({ directory, members, port, ruleset, nowMs: Date.now() })
    tell({ step: trial.isContinued ? 'continued' : 'founded', ok: true, group: trial.group, directory })
    await runTrial(trial, { ...environment, CHENGXIN_COMETBFT: engine.path }, tell)
  } finally {
    lock.release()
  }
  tell({ step: 'stopped', ok: true })
  return 0
}

export class EngineMissing extends Error {
  override readonly name = 'EngineMissing'
}

/** How to get an engine, in the order of how little it asks for. */
function adviceFor(missing: string): string {
  return [
    missing,
    '',
    'Ways to get CometBFT, which orders what members write; one is enough:',
    '  with Go 1.22 or newer   go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25',
    '  as a release            the archive for this machine from github.com/cometbft/cometbft/releases, unpacked',
    '  as a package            where the system has one, such as brew install cometbft',
    'It is found along the PATH and in Go’s folder; anywhere else, name it in CHENGXIN_COMETBFT.',
  ].join('\n')
}

type Step = { readonly step: string; readonly ok: boolean; readonly [fact: string]: unknown }
type Tell = (step: Step) => void

async function runTrial(trial: Trial, environment: NodeJS.ProcessEnv, tell: Tell): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const stop = () => stopping.abort()
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const members = trial.members.map((member) =>
    superviseTogether({
      parts: [memberPart(member, environment)],
      signal,
      onEnd: ({ sentence }, pauseMs) => tell({ step: 'ended', ok: false, member: member.memberId, sentence, pauseMs }),
    }),
  )
  const ready = tellWhenReady(trial, signal, tell)
  await Promise.all([...members, ready])
  process.off('SIGINT', stop)
  process.off('SIGTERM', stop)
}

async function tellWhenReady(trial: Trial, signal: AbortSignal, tell: Tell): Promise<void> {
  const well = trial.members.map(async (member) => {
    const { memberId, url, data } = member
    if (await untilWell(member, signal)) tell({ step: 'member', ok: true, member: memberId, url, data })
  })
  await Promise.all(well)
  const keeper = trial.members.find(({ memberId }) => memberId === sampleNodeMember)
  const seeded = keeper && dataPaths(keeper.data).group(sampleGroupName).seeded
  while (!signal.aborted && seeded !== undefined && !existsSync(seeded)) {
    await delay(300, undefined, { signal }).catch(() => {})
  }
  if (!signal.aborted) tell({ step: 'ready', ok: true, group: trial.group, urls: trial.members.map(({ url }) => url) })
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new UsageFault(`${option} takes a whole number, not "${text}".`)
}

function tellProgram(step: Step): void {
  process.stdout.write(`${JSON.stringify(step)}\n`)
}

function tellPeople(step: Step): void {
  console.log(told(step))
}

function told(step: Step): string {
  const fact = (name: string) => String(step[name])
  switch (step.step) {
    case 'engine':
      return `✓ ${fact('engine')} orders (${fact('path')}).`
    case 'founded':
      return `✓ The sample city is founded in ${fact('directory')}; its keys are public, it is for trial alone.`
    case 'continued':
      return `✓ The sample city in ${fact('directory')} goes on.`
    case 'member':
      return `✓ ${fact('member').padEnd(26)} ${fact('url')}`
    case 'ended':
      return `✗ ${fact('sentence')} It is started again in ${Number(step['pauseMs']) / 1000} s.`
    case 'ready': {
      const [one, two, three] = step['urls'] as readonly string[]
      return [
        '',
        'The consortium is running. Try it with the bureau, the issuer and the verifier at different members:',
        `  npx chengxin demo certificates --csv samples/graduates.csv --bureau-url ${one} --url ${two} --verifier-url ${three}`,
        'Stop it with Ctrl-C.',
        '',
      ].join('\n')
    }
    default:
      return '✓ Everything has stopped.'
  }
}
