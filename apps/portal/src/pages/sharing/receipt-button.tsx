/** Saves one's own receipt of a consent or a look: it is checked against the log without this node. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { sharingDesk } from '../../api/sharing.ts'
import { saveText } from '../../offline/save-text.ts'
import { useAct } from '../../session/use-act.ts'

export function ReceiptButton({ statementId }: { readonly statementId: string }): ReactElement {
  const { t } = useTranslation('sharing')
  const act = useAct()
  const save = () =>
    act.run(async () =>
      saveText('chengxin-receipt.json', `${JSON.stringify(await sharingDesk.receipt(statementId), null, 2)}\n`),
    )
  return (
    <>
      <button
        type="button"
        className="link-button"
        onClick={() => save()}
        disabled={act.isBusy}
        data-testid="receipt-save"
      >
        {t('receipt')}
      </button>
      {act.fault !== undefined && (
        <span className="share-fault" role="alert">
          {act.fault}
        </span>
      )}
    </>
  )
}
