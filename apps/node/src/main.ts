/**
 * The program an organisation runs. Each subcommand is a module that is loaded when it is asked for; whatever goes wrong
 * for a reason that an operator can understand ends in one sentence on standard error.
 */

type Run = (args: readonly string[], environment: NodeJS.ProcessEnv) => Promise<number>

const commands: { readonly [name: string]: () => Promise<{ readonly run: Run }> } = {
  start: () => import('./commands/start.ts'),
  demo: () => import('./commands/demo.ts'),
}

const [name = 'start', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined

if (command === undefined) {
  console.error(`There is no command ${name}; there are ${Object.keys(commands).join(', ')}.`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await (await command()).run(args, process.env)
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    // A named error is one that an operator can act on; any other is our bug, and its place helps us.
    const isExpected = error instanceof Error && error.name !== 'Error' && error.name !== 'TypeError'
    console.error(isExpected && !process.env['CHENGXIN_DEBUG'] ? message : (stack ?? message))
    process.exitCode = 1
  }
}
