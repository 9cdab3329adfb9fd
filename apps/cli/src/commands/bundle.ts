/** `chengxin bundle`: how the members of a committee sign a trust bundle together. */
import type { Command } from 'commander'
import { example } from '../example.ts'
import { readCliSettings } from '../settings.ts'
import { type GlobalOptions, optional, runNode } from './run-node.ts'

export function addBundle(program: Command): void {
  const bundle = program.command('bundle').description('the trust bundle of a group, signed by its committee together')
  const draft = bundle
    .command('draft')
    .description('collect from a node what the committee is to sign')
    .option('--key <name>', 'a key of yours to read with, where the group shows itself to members only')
    .option('--days <number>', 'for how long the bundle is good', '7')
    .option('--out <file>', 'where to write it; a file that is there stays as it is', 'bundle.json')
    .action(({ key, days, out }: { key?: string; days: string; out: string }) =>
      runNode(draft, [
        'bundle',
        'draft',
        '--days',
        days,
        '--out',
        out,
        ...asking(draft, key === undefined ? [] : [key]),
      ]),
    )
  example(draft, 'chengxin bundle draft --group ID --out bundle.json')
  const sign = bundle
    .command('sign <file>')
    .description('show what is signed, compare it with the node, and add your signature')
    .requiredOption(
      '--key <name>',
      'of a committee member: one of chengxin keys list, or sample:NAME; may be repeated',
      also,
    )
    .option('--offline', 'compare with no node')
    .action((file: string, { key, offline }: { key: readonly string[]; offline?: boolean }) =>
      runNode(sign, ['bundle', 'sign', file, ...(offline ? ['--offline'] : []), ...asking(sign, key)]),
    )
  example(sign, 'chengxin bundle sign bundle.json --key admin --url https://bank.example')
  const publish = bundle
    .command('publish <files...>')
    .description('give a node the bundle; copies that members signed apart are put together')
    .action((files: readonly string[]) => runNode(publish, ['bundle', 'publish', ...files, ...asking(publish, [])]))
  example(publish, 'chengxin bundle publish bundle.json', 'chengxin bundle publish bundle.json copy-of-the-bank.json')
  const show = bundle
    .command('show <file>')
    .description('what a bundle says, and who has signed it; no node is asked')
    .action((file: string) => runNode(show, ['bundle', 'show', file]))
  example(show, 'chengxin bundle show bundle.json')
}

/** The node to ask, the group, and keys of this user's keystore. */
function asking(command: Command, keys: readonly string[]): readonly string[] {
  const { url, group } = command.optsWithGlobals<GlobalOptions>()
  const settings = readCliSettings(process.env)
  const named = keys.flatMap((key) => ['--key', key])
  return ['--url', url ?? settings.url, ...optional('--group', group), '--keys', settings.keysDirectory, ...named]
}

/** An option that was given once more. */
function also(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name]
}
