/**
 * Letting one more passkey open the vault, in two steps with a button each: browsers ask for a passkey only right after the
 * person has pressed something, and whoever has two devices in hand wants to know which one is meant.
 */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OpenVault } from '../../../own/own-vault.ts'
import { Fault } from '../../../parts/fault.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { useAct } from '../../../session/use-act.ts'
import { useOwner } from './use-owner.ts'

export function AnotherPasskey(): ReactElement {
  const { t } = useTranslation('own')
  const owner = useOwner()
  const act = useAct()
  const queryClient = useQueryClient()
  const [opened, setOpened] = useState<OpenVault>()
  const open = () =>
    act.run(async () => {
      const { openForAnother } = await import('../../../own/own-vault.ts')
      setOpened(await openForAnother(owner()))
    })
  const admit = (vault: OpenVault) =>
    act.run(async () => {
      const { letAnotherOpen } = await import('../../../own/own-vault.ts')
      await letAnotherOpen(owner(), vault)
      setOpened(undefined)
      await queryClient.invalidateQueries({ queryKey: ['desk', 'own-vault'] })
    })
  return (
    <Panel title={t('other.title')}>
      <p className="setup-words">{t('other.text')}</p>
      <ol className="steps" data-testid="another-passkey" data-step={opened === undefined ? 1 : 2}>
        <li>
          <p>{t('other.first')}</p>
          {opened === undefined ? (
            <button
              type="button"
              className="plain-button"
              onClick={open}
              disabled={act.isBusy}
              data-testid="let-another-open"
            >
              <Icon name="key" size={18} /> {t('other.now')}
            </button>
          ) : (
            <p className="step-done" role="status">
              <Icon name="tick" size={18} /> {t('other.opened')}
            </p>
          )}
        </li>
        <li>
          <p>{t('other.second')}</p>
          {opened !== undefined && (
            <div className="button-row">
              <button
                type="button"
                className="main-button"
                onClick={() => admit(opened)}
                disabled={act.isBusy}
                ref={takeFocus}
                data-testid="admit-another"
              >
                <Icon name="key" size={18} /> {t('other.admit')}
              </button>
              <button type="button" className="plain-button" onClick={() => setOpened(undefined)} disabled={act.isBusy}>
                {t('other.leave')}
              </button>
            </div>
          )}
        </li>
      </ol>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

/** The button before it is gone by then, and with it the place of whoever uses a keyboard. */
function takeFocus(button: HTMLButtonElement | null): void {
  button?.focus()
}
