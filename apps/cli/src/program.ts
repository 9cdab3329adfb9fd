/** The whole command line: nouns, their verbs, and what is the same for all of them. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAudit } from './commands/audit.ts'
import { addBundle } from './commands/bundle.ts'
import { addDid } from './commands/did.ts'
import { addKeys } from './commands/keys.ts'
import { addLog } from './commands/log.ts'
import {
  addAcross,
  addBench,
  addCertificate,
  addConsortium,
  addDemo,
  addInvite,
  addOffice,
  addReplay,
  addSnapshot,
  addVault,
} from './commands/programs.ts'
import { addStatus } from './commands/status.ts'
import { addTx } from './commands/tx.ts'
import { example } from './example.ts'

export function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const program = new Command('chengxin')
    .exitOverride()
    .description('Chengxin 城信: city ledgers that nobody owns alone')
    .version(version)
    .option('--json', 'one JSON object a line, for programs')
    .option('--url <address>', 'the node to speak to; CHENGXIN_URL or http://localhost:8080 if absent')
    .option('--group <id>', 'the group, by id or name; needed where a node keeps several')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help for usage.')
  example(program, 'chengxin status', 'chengxin audit diploma.sd-jwt --bundle bundle.json')

  addStatus(program)
  addKeys(program)
  addDid(program)
  addTx(program)
  addLog(program)
  addAudit(program)
  addBundle(program)
  addCertificate(program)
  addReplay(program)
  addSnapshot(program)
  addDemo(program)
  addVault(program)
  addInvite(program)
  addOffice(program)
  addConsortium(program)
  addAcross(program)
  addBench(program)
  return program
}
