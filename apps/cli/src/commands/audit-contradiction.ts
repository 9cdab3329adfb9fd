/** `chengxin audit contradiction`: whether a file proves that a log has told two stories, and who signed them; offline. */
import { contradictionFaults, openContradiction, webPlatform } from '@chengxin/audit'
import { isRefusal } from '@chengxin/kernel'
import type { Command } from 'commander'
import { type OpenTrusted, trustedBundle } from '../bundle-file.ts'
import { example } from '../example.ts'
import { readText } from '../read-text.ts'
import { surroundingsOf } from '../surroundings.ts'

export function addContradictionAudit(audit: Command): void {
  const contradiction = audit
    .command('contradiction <file>')
    .description('check a proof that a log has told two stories, offline; exits with 1 where it proves nothing')
    .requiredOption('--bundle <file>', 'the trust bundle of the group, which names the keys of the log')
    .action(async (file: string) => {
      const { output, settings } = surroundingsOf(contradiction)
      const { policy } = await trustedBundle(contradiction.optsWithGlobals<OpenTrusted>(), settings.pinsFile)
      const opened = openContradiction(webPlatform, await readText(file), policy)
      if (isRefusal(opened)) {
        process.exitCode = 1
        const sentence = contradictionFaults[opened.refused as keyof typeof contradictionFaults]
        output.facts({ file, proves: false, code: opened.refused, sentence })
        return
      }
      const { kind, origin, sizes, signedBy, equivocating } = opened
      const [olderSignedBy, newerSignedBy] = signedBy.map((keys) => keys.join(' '))
      output.facts({
        file,
        proves: true,
        kind,
        sentence: sentences[kind],
        origin,
        sizes: sizes.join(' '),
        olderSignedBy,
        newerSignedBy,
        equivocating: equivocating.join(' ') || 'none: two signers tell different stories, and one of them is wrong',
      })
    })
  example(contradiction, 'chengxin audit contradiction ID.json --bundle bundle.json')
}

const sentences = {
  two_roots: 'Two checkpoints of one size have different roots.',
  history_rewritten: 'The larger tree does not begin with the smaller one.',
  two_states: 'Two states after the same leaves are different.',
} as const
