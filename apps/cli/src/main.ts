/** The program `chengxin`. Whatever goes wrong ends in one sentence on standard error and an exit code. */
import { CommanderError } from 'commander'
import { withDashedIds } from './dashed-words.ts'
import { explain } from './fault.ts'
import { createProgram } from './program.ts'

// Whoever reads our output may have read enough (`| head`): that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

try {
  const program = createProgram()
  await program.parseAsync([...withDashedIds(program, process.argv.slice(2))], { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    const { sentence, exitCode } = explain(error)
    console.error(process.env['CHENGXIN_DEBUG'] && error instanceof Error ? (error.stack ?? sentence) : sentence)
    process.exitCode = exitCode
  }
}
