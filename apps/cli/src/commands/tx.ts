/** `chengxin tx`: building, sending and looking up transactions. */
import { readFile } from 'node:fs/promises'
import {
  type Action,
  ActionFault,
  action,
  buildTransaction,
  expectCommitted,
  type Outcome,
  sentenceOf,
  signableVerbs,
} from '@chengxin/client'
import { type GroupId, isDid } from '@chengxin/kernel'
import type { Command } from 'commander'
import { argumentLines, typedJson, verbNamed } from '../arguments.ts'
import { example } from '../example.ts'
import { CliFault } from '../fault.ts'
import type { Facts, Value } from '../output.ts'
import { type Surroundings, surroundingsOf } from '../surroundings.ts'

interface BuildOptions {
  readonly args?: string
  readonly as?: string
  readonly for?: string
  readonly minutes: string
}

export function addTx(program: Command): void {
  const tx = program.command('tx').description('build, send and look up transactions')
  addTypes(tx)

  const build = tx
    .command('build <type>')
    .description('sign a transaction and print it, without sending')
    .option('--minutes <n>', 'for how long it can be sent, up to 10', '5')
    .action(async (type: string, options: BuildOptions) => {
      const surroundings = surroundingsOf(build)
      const { jws, id } = await signed(surroundings, type, options)
      surroundings.output.facts({ id, jws }, jws)
    })
  signingOptions(build)
  example(
    build,
    `chengxin tx build points.openAccount --as alice --args '{"accountId":"account_alice","programId":"program_city"}'`,
  )

  const send = tx
    .command('send [type]')
    .description('send a transaction and wait for its outcome')
    .option('--minutes <n>', 'for how long it can be sent, up to 10', '5')
    .option('--file <path>', 'send what tx build printed, instead of building')
    .action(async (type: string | undefined, options: BuildOptions & { file?: string }) => {
      const surroundings = surroundingsOf(send)
      if ((type === undefined) === (options.file === undefined)) throw new CliFault('Name a type or a --file.', 2)
      const jws =
        type === undefined
          ? (await readFile(options.file as string, 'utf8')).trim()
          : (await signed(surroundings, type, options)).jws
      const { client } = await surroundings.group()
      const [outcome] = await client.submit([jws])
      expectCommitted(outcome)
      surroundings.output.facts(outcomeFacts(outcome as Outcome))
    })
  signingOptions(send)
  example(
    send,
    `chengxin tx send points.transfer --as alice --args '{"from":"account_alice","to":"account_bob","amount":"5"}'`,
    'chengxin tx send --file transaction.jws',
  )

  const show = tx
    .command('show <id>')
    .description('show what became of a transaction')
    .action(async (id: string) => {
      const { output, group } = surroundingsOf(show)
      const outcome = await (await group()).client.outcome(id)
      if (outcome === undefined) throw new CliFault('The node knows no transaction with this id.')
      output.facts(outcomeFacts(outcome))
    })
  example(show, 'chengxin tx show pM3fF6eQ0n2Zt1sZ9uUO4c8mE5i1m7g3oXh0Yq2R4sA')
}

function addTypes(tx: Command): void {
  const types = tx
    .command('types [type]')
    .description('list what may be sent, or what one of them asks for')
    .action((type: string | undefined) => {
      const { output } = surroundingsOf(types)
      if (type !== undefined) {
        const { args } = verbNamed(type)
        if (output.isJson) output.facts({ type, args: args.json })
        else output.table(argumentLines(args.json).map(lineFacts), ['name', 'needed', 'value'], 'It asks for nothing.')
        return
      }
      const rows = [...signableVerbs].map(([name, { args }]) => ({
        type: name,
        args: argumentLines(args.json)
          .filter((line) => !line.name.includes('.'))
          .map((line) => (line.required ? line.name : `[${line.name}]`))
          .join(' '),
      }))
      output.table(rows, ['type', 'args'], '')
    })
  example(types, 'chengxin tx types', 'chengxin tx types points.transfer')
}

function lineFacts({ name, required, value }: ReturnType<typeof argumentLines>[number]): Facts {
  return { name, needed: required ? 'yes' : 'no', value }
}

function signingOptions(command: Command): void {
  command
    .option('--args <json>', 'arguments as JSON; @FILE reads a file, - reads standard input', '{}')
    .option('--as <key>', 'who signs: a key of yours, or sample:NAME in the sample city')
    .option('--for <did>', 'on whose behalf, under a delegation')
}

async function signed(surroundings: Surroundings, type: string, options: BuildOptions) {
  if (options.as === undefined) throw new CliFault('Say who signs: --as KEY.', 2)
  const minutes = Number(options.minutes)
  if (!(minutes > 0 && minutes <= 10)) throw new CliFault('--minutes is more than 0 and at most 10.', 2)
  // Arguments are judged before a passphrase is asked for or a node is needed.
  const actions = [await typedAction(type, options)]
  const signer = await surroundings.signer(options.as)
  const { client } = await surroundings.group()
  const notAfterMs = Date.now() + Math.floor(minutes * 60_000)
  return buildTransaction({ group: client.groupId as GroupId, actions, notAfterMs }, signer)
}

async function typedAction(type: string, options: BuildOptions): Promise<Action> {
  const definition = verbNamed(type)
  const principal = options.for
  if (principal !== undefined && !isDid(principal)) throw new CliFault('--for is no DID.', 2)
  const args = await typedJson('--args', options.args ?? '{}')
  try {
    return action(definition, args, principal === undefined ? {} : { for: principal })
  } catch (error) {
    if (!(error instanceof ActionFault)) throw error
    throw new CliFault(`${error.message} See chengxin tx types ${type}.`, 2)
  }
}

function outcomeFacts(outcome: Outcome): Facts {
  const { status, id, code, sentence = code && sentenceOf(code), at, height, position, leafIndex, timeMs } = outcome
  const events = outcome.events as readonly Value[] | undefined
  return {
    status,
    id,
    code,
    sentence,
    at,
    height,
    position,
    leafIndex,
    time: timeMs === undefined ? undefined : new Date(timeMs).toISOString(),
    events,
  }
}
