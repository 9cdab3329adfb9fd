/** `chengxin log`: what a group's log says, and proofs to keep. */
import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { example } from '../example.ts'
import type { Facts } from '../output.ts'
import { surroundingsOf } from '../surroundings.ts'

export function addLog(program: Command): void {
  const log = program.command('log').description('the group’s log: its checkpoint, receipts, and what is being written')

  const show = log
    .command('show')
    .description('print the signed checkpoint of the log')
    .action(async () => {
      const { output, group } = surroundingsOf(show)
      const checkpoint = await (await group()).client.getText('/log/checkpoint')
      const [origin, size, root] = checkpoint.split('\n')
      output.facts({ origin, size: Number(size), root, checkpoint }, checkpoint.trimEnd())
    })
  example(show, 'chengxin log show > checkpoint.txt')

  addReceipt(log)

  const tail = log
    .command('tail')
    .description('print transactions as they are committed, until stopped')
    .option('--after <height>', 'begin after this block; with the next one if absent')
    .action(async ({ after }: { after?: string }) => {
      const { output, group } = surroundingsOf(tail)
      const { client, summary } = await group()
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      const from = after === undefined ? summary.height : Number(after)
      for await (const block of client.liveBlocks({ after: from, signal: stop.signal })) {
        for (const { id, code, signer, types } of block.transactions) {
          const time = new Date(block.timeMs).toISOString()
          const facts: Facts = { height: block.height, time, id, code, signer, types: [...types] }
          const tone = code === 'ok' ? 'good' : 'bad'
          output.facts(facts, [block.height, time, id, output.paint(tone, code), counted(types)].join('  '))
        }
      }
    })
  example(tail, 'chengxin log tail', 'chengxin log tail --after 0 --json')
}

function addReceipt(log: Command): void {
  const receipt = log
    .command('receipt <id>')
    .description('get the receipt of a transaction: a proof that it stands in the log, to keep')
    .option('--out <file>', 'where to write it; printed if absent')
    .addOption(
      new Option('--format <format>', 'a C2SP tlog-proof, or a COSE receipt (RFC 9942)')
        .choices(['tlog-proof', 'cose'])
        .default('tlog-proof'),
    )
    .action(async (id: string, { out, format }: { out?: string; format: 'tlog-proof' | 'cose' }) => {
      const { output, group } = surroundingsOf(receipt)
      const { client } = await group()
      if (format === 'cose') {
        const bytes = await client.getBytes(`/receipts/${id}?format=cose`)
        const base64 = Buffer.from(bytes).toString('base64')
        if (out === undefined) output.facts({ id, receipt: base64 }, base64)
        else {
          await writeFile(out, bytes)
          output.facts({ id, file: out }, `The receipt is in ${out}.`)
        }
        return
      }
      const text = await client.getText(`/receipts/${id}`)
      if (out === undefined) output.facts({ id, receipt: text }, text.trimEnd())
      else {
        await writeFile(out, text)
        output.facts({ id, file: out }, `The receipt is in ${out}.`)
      }
    })
  example(
    receipt,
    'chengxin log receipt pM3fF6eQ0n2Zt1sZ9uUO4c8mE5i1m7g3oXh0Yq2R4sA --out receipt.tlog-proof',
    'chengxin log receipt pM3fF6eQ0n2Zt1sZ9uUO4c8mE5i1m7g3oXh0Yq2R4sA --format cose --out receipt.cose',
  )
}

/** `a b ×3`: many actions of a kind are one word and a number. */
function counted(types: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => (count === 1 ? type : `${type} ×${count}`)).join(' ')
}
