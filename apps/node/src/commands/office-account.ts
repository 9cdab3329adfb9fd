/** `office account`: programs that use WeIdentity's interface, each known by a token that is shown once. */
import { parseArgs } from 'node:util'
import { type AccountEntry, accountLimits, accountWord, hashOfToken, isCount, newToken } from '../offices/accounts.ts'
import { OfficesFault, readOffices, writeOffices } from '../offices/offices-file.ts'
import { UsageFault } from '../usage-fault.ts'
import { deskFor, onlyGroup, shared, text } from './office-desk.ts'

const usage =
  'office account --account WORD [--authority] [--weids N] [--calls N] [--group FOLDER] [--data DIRECTORY] | --remove'

/** Makes an account, or gives one that is there a new token and what is said anew; the old token is good no more. */
export async function runAccount(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: { ...shared, account: text, authority: flag, weids: text, calls: text, group: text, remove: flag },
  })
  const { account = '', authority, remove } = values
  if (!accountWord.test(account)) throw new UsageFault(usage)
  const { paths, tell } = await deskFor(environment, values)
  const file = await readOffices(paths.offices)
  const group = file?.group ?? values.group ?? (await onlyGroup(paths))
  if (values.group !== undefined && values.group !== group) throw new OfficesFault(`The offices here work in ${group}.`)
  const before = file?.accounts?.find((known) => known.account === account)
  const others = (file?.accounts ?? []).filter((known) => known !== before)
  const offices = file?.offices ?? []
  if (remove) {
    if (before === undefined) throw new OfficesFault(`This node has no account ${account}.`)
    await writeOffices(paths.offices, { v: 1, group, offices, accounts: others })
    tell({ ok: true, account }, `✓ ${account} is shut from the next start on. The keys of its WeIDs stay in the vault.`)
    return 0
  }
  const isAuthority = authority || before?.isAuthority === true
  if (isAuthority && others.some((known) => known.isAuthority)) {
    throw new OfficesFault('Another account registers issuers here; there is one of these at most.')
  }
  const token = newToken()
  const entry: AccountEntry = {
    account,
    tokenHash: hashOfToken(token),
    ...(isAuthority && { isAuthority }),
    mostWeids: countOf(values.weids, before?.mostWeids ?? accountLimits.mostWeids),
    callsPerMinute: countOf(values.calls, before?.callsPerMinute ?? accountLimits.callsPerMinute),
  }
  await writeOffices(paths.offices, { v: 1, group, offices, accounts: [...others, entry] })
  tell(
    { ok: true, account, token },
    [
      `✓ ${account} is known from the next start on, by this token, which is shown once:`,
      '',
      `  ${token}`,
      '',
      '  POST /weid/api/invoke with “Authorization: Bearer TOKEN”; see docs/weidentity.md.',
    ].join('\n'),
  )
  return 0
}

function countOf(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  const count = Number(given)
  if (!isCount(count)) throw new UsageFault(`${given} is no number of WeIDs or calls. ${usage}`)
  return count
}
