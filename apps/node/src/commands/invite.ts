/** `invite`: a link by which the first officers of an office come in. Whoever runs the node is who may run this. */
import { parseArgs } from 'node:util'
import { createInvitations, type OfficeRole, officeRoles } from '@chengxin/services'
import { readSettings } from '../config.ts'
import { dataPaths } from '../data-directory.ts'
import { keystorePassphrase } from '../secrets.ts'
import { UsageFault } from '../usage-fault.ts'
import { openNodeVault } from '../vault/open-vault.ts'

const usage = `invite --office OFFICE --roles ROLE[,ROLE] [--data DIRECTORY]; roles are ${officeRoles.join(', ')}.`

export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      office: { type: 'string' },
      roles: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const roles = (values.roles ?? '').split(',')
  const isOffice = /^[a-z][a-z-]{0,40}$/.test(values.office ?? '')
  if (!isOffice || !roles.every((role): role is OfficeRole => (officeRoles as readonly string[]).includes(role))) {
    throw new UsageFault(usage)
  }
  const data = values.data === undefined ? {} : { CHENGXIN_DATA: values.data }
  const settings = readSettings({ ...environment, ...data })
  const vault = await openNodeVault(dataPaths(settings.dataDirectory), settings, await keystorePassphrase(environment))
  try {
    const secret = await createInvitations(vault, Date.now).invite(values.office as string, roles)
    const link = `${settings.publicUrl}/sign-in#invitation=${secret}`
    console.log(values.json ? JSON.stringify({ link }) : `Good once, for three days:\n\n  ${link}\n`)
    return 0
  } finally {
    await vault.close()
  }
}
