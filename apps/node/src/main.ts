/**
 * The program an organisation runs. Each subcommand is a module that is loaded when it is asked for; whatever goes wrong
 * ends in one sentence on standard error.
 */

import { withDashedIds } from './dashed-values.ts'

type Run = (args: readonly string[], environment: NodeJS.ProcessEnv) => Promise<number>

const commands: { readonly [name: string]: () => Promise<{ readonly run: Run }> } = {
  start: () => import('./commands/start.ts'),
  demo: () => import('./commands/demo.ts'),
  certificate: () => import('./commands/certificate.ts'),
  bundle: () => import('./commands/bundle.ts'),
  across: () => import('./commands/across.ts'),
  consortium: () => import('./commands/consortium.ts'),
  bench: () => import('./commands/bench.ts'),
  replay: () => import('./commands/replay.ts'),
  snapshot: () => import('./commands/snapshot.ts'),
  vault: () => import('./commands/vault.ts'),
  invite: () => import('./commands/invite.ts'),
  office: () => import('./commands/office.ts'),
  'audit-store': () => import('./commands/audit-store.ts'),
}

/** Faults of ours go by the names that the language gives; those that an operator can mend have names of their own. */
const namesOfBugs = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

// Whoever reads our output may have read enough (`| head`); the work goes on to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const [name = 'start', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined

if (command === undefined) {
  console.error(`There is no command ${name}; there are ${Object.keys(commands).join(', ')}.`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await (await command()).run(withDashedIds(args), process.env)
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const isUsage = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    console.error(error.message)
    if (process.env['CHENGXIN_DEBUG']) console.error(error.stack)
    else if (namesOfBugs.has(error.name) && !isUsage) console.error('CHENGXIN_DEBUG=1 shows where this happened.')
    process.exitCode = isUsage ? 2 : 1
  }
}
