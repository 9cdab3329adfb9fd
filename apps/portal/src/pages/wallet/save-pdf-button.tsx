/** Saves the printed form as a PDF that carries its certificate. What draws it is fetched by those who press. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { saveBytes } from '../../offline/save-text.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useAct } from '../../session/use-act.ts'
import { type PaperFacts, usePaperContent } from './use-paper-content.ts'

export function SavePdfButton(facts: PaperFacts): ReactElement {
  const { t } = useTranslation('wallet')
  const act = useAct()
  const { form, languages, codes } = facts
  const { title, issuer, lines, howToCheck, copy, sample, attached } = usePaperContent(facts)
  const save = () =>
    act.run(async () => {
      const [{ paperPdf }, { createPainter }] = await Promise.all([
        import('../../pdf/paper-pdf.ts'),
        import('../../pdf/paint.ts'),
      ])
      const told = codes.length === 1 ? [howToCheck, copy, attached] : [copy, attached]
      const notes = sample.length > 0 ? [sample, ...told] : told
      const content = { languages, title, issuer, lines, notes }
      const bytes = await paperPdf(
        { content, certificate: form.text, codes, description: title.join(' · '), madeAtMs: form.printedAtMs },
        createPainter(),
      )
      saveBytes(`${form.printId}.pdf`, bytes, 'application/pdf')
    })
  return (
    <>
      <button
        type="button"
        className="plain-button"
        onClick={save}
        disabled={act.isBusy || codes.length === 0 || form.cancelledAtMs !== undefined}
        data-testid="save-pdf"
      >
        <Icon name="download" size={18} /> {t(act.isBusy ? 'paper.pdfMaking' : 'paper.pdf')}
      </button>
      <Fault sentence={act.fault} />
    </>
  )
}
