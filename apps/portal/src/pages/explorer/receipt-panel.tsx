/** The receipt of a transaction as a file, and how to check it without trusting this page or this node. */
import { Button } from 'antd'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { paths } from '../../api/paths.ts'
import { receiptText } from '../../api/transactions.ts'
import { useCity } from '../../city/city.ts'
import { saveText } from '../../offline/save-text.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Failure } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'

export function ReceiptPanel({ id }: { readonly id: string }): ReactElement {
  const { t } = useTranslation('explorer')
  const { group } = useCity()
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const fileName = `receipt-${id.slice(0, 12)}.tlog-proof`
  const command = `npx chengxin audit receipt ${fileName} --bundle bundle.json --group ${group.id}`

  const download = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      saveText(fileName, await receiptText(group.id, id))
    } catch (failure) {
      setProblem(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Panel title={t('receipt.title')} note={t('receipt.note')}>
      <Button
        icon={<Icon name="download" size={18} />}
        loading={busy}
        onClick={() => void download()}
        data-testid="receipt-download"
      >
        {t('receipt.download')}
      </Button>
      {problem !== undefined && <Failure problem={problem} retry={() => void download()} />}
      <p className="receipt-how">
        {t('receipt.how')}{' '}
        <a href={paths.trustBundle(group.id)} download="bundle.json">
          {t('receipt.bundle')}
        </a>
      </p>
      <div className="command">
        <code>{command}</code>
        <CopyButton text={command} />
      </div>
    </Panel>
  )
}
