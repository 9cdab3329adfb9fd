/** Up to a hundred files at once: checked in this browser, and handed to the office only where it is to sign a report. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type NamedFile, verifierDesk } from '../../api/verifier.ts'
import { saveText } from '../../offline/save-text.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useAct } from '../../session/use-act.ts'
import { CheckDesk } from '../check/check-desk.tsx'

export function FilesTab(): ReactElement {
  const { t } = useTranslation('verifier')
  const act = useAct()
  const [signed, setSigned] = useState(false)
  const sign = (files: readonly NamedFile[]) =>
    act.run(async () => {
      saveText('chengxin-report.jws', await verifierDesk.reportFiles(files))
      setSigned(true)
    })
  return (
    <>
      <p className="ask-note">{t('files.note')}</p>
      <CheckDesk
        further={(files) => (
          <button
            type="button"
            className="plain-button"
            onClick={() => sign(files)}
            disabled={act.isBusy}
            data-testid="files-sign"
          >
            <Icon name="download" size={18} />
            {t('files.sign')}
          </button>
        )}
      />
      <p role="status">{signed && !act.isBusy ? t('files.signed') : ''}</p>
      <Fault sentence={act.fault} />
    </>
  )
}
