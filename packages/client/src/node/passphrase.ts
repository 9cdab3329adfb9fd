/**
 * Where a passphrase comes from: a file that CHENGXIN_PASSPHRASE_FILE names, or the terminal with nothing echoed. Never a
 * command line and never the environment itself, because other programs of the machine can read those.
 */
import { readFile } from 'node:fs/promises'
import { type Refusal, refuse } from '@chengxin/kernel'

export interface PassphraseSource {
  /** Path of a file whose first line is the passphrase. */
  readonly file?: string | undefined
  /** What to ask on the terminal. */
  readonly prompt: string
  /** Asks twice, for a passphrase that is being chosen. */
  readonly confirm?: boolean
  readonly input?: NodeJS.ReadStream
  readonly output?: NodeJS.WritableStream
}

/** Refusals: `passphrase_unavailable` (no file named and no terminal), `passphrase_empty`, `passphrase_mistyped`. */
export async function readPassphrase(source: PassphraseSource): Promise<string | Refusal> {
  const { file, prompt, confirm = false, input = process.stdin, output = process.stderr } = source
  if (file !== undefined) return firstLine(await readFile(file, 'utf8'))
  if (!input.isTTY) return refuse('passphrase_unavailable')
  const first = await askUnseen(`${prompt}: `, input, output)
  if (first === '') return refuse('passphrase_empty')
  if (confirm && first !== (await askUnseen('The same again: ', input, output))) return refuse('passphrase_mistyped')
  return first
}

function firstLine(text: string): string | Refusal {
  const line = text.split(/\r?\n/, 1)[0] as string
  return line === '' ? refuse('passphrase_empty') : line
}

/** Reads a line key by key, so that the terminal shows none of it. */
function askUnseen(prompt: string, input: NodeJS.ReadStream, output: NodeJS.WritableStream): Promise<string> {
  output.write(prompt)
  input.setRawMode(true)
  input.setEncoding('utf8')
  input.resume()
  return new Promise((resolve, reject) => {
    let typed = ''
    function finish(): void {
      input.off('data', take)
      input.setRawMode(false)
      input.pause()
      output.write('\n')
    }
    function take(keys: string): void {
      for (const key of keys) {
        if (key === '\r' || key === '\n') {
          finish()
          resolve(typed)
          return
        }
        if (key === '\u0003' || key === '\u0004') {
          finish()
          reject(new Error('No passphrase was given.'))
          return
        }
        typed = key === '\u007f' || key === '\b' ? [...typed].slice(0, -1).join('') : typed + key
      }
    }
    input.on('data', take)
  })
}
