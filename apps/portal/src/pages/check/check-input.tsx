/** Certificates are dropped, chosen, scanned or pasted; many at once if need be. */
import { Button } from 'antd'
import { type DragEvent, lazy, type ReactElement, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { takeFile } from '../../check/take-file.ts'
import { Icon } from '../../parts/icon.tsx'
import { Outline } from '../../parts/load-state.tsx'
import type { Brought } from './check-desk.tsx'

/** The camera's part is fetched by those who use it. */
const QrScanner = lazy(async () => ({ default: (await import('../../qr/qr-scanner.tsx')).QrScanner }))

export interface CheckInputProps {
  readonly busy: boolean
  readonly check: (brought: readonly Brought[]) => Promise<void>
}

/** More at once would keep a phone busy for too long. */
const mostFiles = 100

export function CheckInput({ busy, check }: CheckInputProps): ReactElement {
  const { t } = useTranslation('check')
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [pasting, setPasting] = useState(false)
  const [pasted, setPasted] = useState('')

  const [scanning, setScanning] = useState(false)

  const take = (files: FileList | null) => {
    const brought = [...(files ?? [])].slice(0, mostFiles).map((file) => ({
      name: file.name,
      read: () => takeFile(file),
    }))
    if (brought.length > 0 && !busy) void check(brought)
  }
  const takeText = (text: string, name: string) => {
    if (text !== '' && !busy) void check([{ name, read: async () => ({ text: text.trim() }) }])
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (event.dataTransfer.files.length > 0) take(event.dataTransfer.files)
    else takeText(event.dataTransfer.getData('text/plain'), t('input.pastedName'))
  }
  return (
    <section className="check-input" aria-label={t('input.label')}>
      <div
        className={over ? 'drop drop-over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <span className="drop-icon">
          <Icon name="certificates" size={34} />
        </span>
        <p className="drop-title drop-title-mouse">{t('input.drop')}</p>
        <p className="drop-title drop-title-touch">{t('input.open')}</p>
        <p className="drop-note">{t('input.stays')}</p>
        <div className="drop-actions">
          <Button
            type="primary"
            size="large"
            icon={<Icon name="upload" size={18} />}
            loading={busy}
            onClick={() => chooser.current?.click()}
          >
            {t('input.choose')}
          </Button>
          <Button
            size="large"
            icon={<Icon name="screen" size={18} />}
            aria-expanded={scanning}
            onClick={() => setScanning(!scanning)}
            data-testid="check-scan"
          >
            {t('input.scan')}
          </Button>
          <Button
            size="large"
            icon={<Icon name="paste" size={18} />}
            aria-expanded={pasting}
            onClick={() => setPasting(!pasting)}
            data-testid="check-paste-open"
          >
            {t('input.paste')}
          </Button>
        </div>
        <input
          ref={chooser}
          type="file"
          multiple
          className="visually-hidden"
          tabIndex={-1}
          aria-label={t('input.choose')}
          data-testid="check-file"
          onChange={({ target }) => {
            take(target.files)
            // The same file may be chosen again after it was changed.
            target.value = ''
          }}
        />
      </div>
      {scanning && (
        <div className="scan">
          <Suspense fallback={<Outline />}>
            <QrScanner
              onText={(text) => {
                setScanning(false)
                takeText(text, t('input.scannedName'))
              }}
              onClose={() => setScanning(false)}
            />
          </Suspense>
        </div>
      )}
      {pasting && (
        <div className="paste">
          <label htmlFor="pasted-certificate">{t('input.pasteLabel')}</label>
          <textarea
            id="pasted-certificate"
            value={pasted}
            onChange={({ target }) => setPasted(target.value)}
            rows={6}
            spellCheck={false}
            data-testid="check-paste"
          />
          <Button
            type="primary"
            disabled={pasted.trim() === '' || busy}
            onClick={() => takeText(pasted, t('input.pastedName'))}
            data-testid="check-pasted"
          >
            {t('input.check')}
          </Button>
        </div>
      )}
    </section>
  )
}
