/** The button that opens the resident's own vault: the passkey is asked, and what is inside is handed to the page. */
import type { OwnContent } from '@chengxin/holder'
import type { ReactElement } from 'react'
import { Fault } from '../../../parts/fault.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { useAct } from '../../../session/use-act.ts'
import { useOwner } from './use-owner.ts'

export interface OpenVaultButtonProps {
  readonly label: string
  readonly show: (content: OwnContent) => Promise<void>
}

export function OpenVaultButton({ label, show }: OpenVaultButtonProps): ReactElement {
  const owner = useOwner()
  const act = useAct()
  const open = () =>
    act.run(async () => {
      const { readOwnVault } = await import('../../../own/own-vault.ts')
      await show(await readOwnVault(owner()))
    })
  return (
    <>
      <button type="button" className="main-button" onClick={open} disabled={act.isBusy} data-testid="open-own-vault">
        <Icon name="key" size={18} /> {label}
      </button>
      <Fault sentence={act.fault} />
    </>
  )
}
