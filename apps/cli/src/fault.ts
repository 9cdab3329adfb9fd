/** What goes wrong for a reason that the user can understand: one sentence and an exit code, never a stack. */
import { ActionFault, NodeAnswered, NodeUnreachable, sentenceOf, TransactionFailed } from '@chengxin/client'

export class CliFault extends Error {
  override readonly name = 'CliFault'
  readonly exitCode: number
  constructor(sentence: string, exitCode = 1) {
    super(sentence)
    this.exitCode = exitCode
  }
}

/** Refusals of keystores and passphrases. */
const sentences: { readonly [code: string]: string } = {
  key_name_malformed: 'A key is named with 1 to 64 lower-case letters, digits, dots, dashes and underscores.',
  key_exists: 'A key of this name exists already; keys are never overwritten.',
  key_not_found: 'There is no key of this name; chengxin keys list shows those there are.',
  key_file_damaged: 'The file of this key is damaged; restore it from a backup.',
  key_without_did: 'This key was kept without a DID and cannot sign transactions.',
  passphrase_needed: 'This key is encrypted and needs its passphrase.',
  passphrase_wrong: 'The passphrase is wrong, or the file of the key was changed.',
  passphrase_unavailable: 'No terminal to ask for a passphrase: name a file in CHENGXIN_PASSPHRASE_FILE.',
  passphrase_empty: 'The passphrase is empty.',
  passphrase_mistyped: 'The two passphrases differ.',
}

export function faultOf(code: string): CliFault {
  return new CliFault(sentences[code] ?? sentenceOf(code) ?? `Refused: ${code}.`)
}

/** The sentence to print for anything that was thrown, and the exit code. */
export function explain(error: unknown): { readonly sentence: string; readonly exitCode: number } {
  if (error instanceof CliFault) return { sentence: error.message, exitCode: error.exitCode }
  if (error instanceof NodeUnreachable) {
    return { sentence: `${error.message} Start one with npm start, or name another in CHENGXIN_URL.`, exitCode: 1 }
  }
  if (error instanceof ActionFault) return { sentence: error.message, exitCode: 2 }
  if (error instanceof TransactionFailed) {
    const { code, sentence } = error.outcome ?? {}
    const said = code === undefined || sentence !== undefined ? undefined : sentenceOf(code)
    return { sentence: said === undefined ? error.message : `${error.message} ${said}`, exitCode: 1 }
  }
  if (error instanceof NodeAnswered) return { sentence: error.message, exitCode: 1 }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('E')) {
    return { sentence: `${error.message.replace(/^[A-Z]+: /, '')}.`, exitCode: 1 }
  }
  return { sentence: error instanceof Error ? error.message : String(error), exitCode: 1 }
}
