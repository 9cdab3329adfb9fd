/** A printed form: the sheet in the languages that are chosen, and what can be done with it. */
import { readSdJwt, webPlatform } from '@chengxin/audit'
import { isRefusal } from '@chengxin/kernel'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, Suspense, useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { agent, type PrintedForm, printsQuery, walletQuery } from '../../api/agent.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { useAct } from '../../session/use-act.ts'
import { nameOfChoice, type PaperLanguages, paperChoices, rememberChoice, rememberedChoice } from './paper-languages.ts'
import { PaperSheet } from './paper-sheet.tsx'
import { SavePdfButton } from './save-pdf-button.tsx'
import { StandingTag } from './standing-tag.tsx'
import { usePaperCodes } from './use-paper-codes.ts'

export function PrintPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const { printId } = useParams()
  const query = useQuery(printsQuery)
  const found = query.data?.find((print) => print.printId === printId)
  return (
    <Page title={t('paper.title')}>
      <p className="back no-print">
        <CityLink to="/wallet/prints">{t('paper.all')}</CityLink>
      </p>
      <Loaded query={query}>
        {() =>
          found === undefined ? (
            <Empty icon="print" title={t('paper.none')} next={t('paper.noneNext')} />
          ) : (
            <Paper form={found} />
          )
        }
      </Loaded>
    </Page>
  )
}

/** The fields that the paper's certificate shows, read out of it: what is printed is what verifies. */
function fieldsIn({ text, fields }: PrintedForm): readonly { readonly name: string; readonly value: unknown }[] {
  const sdJwt = readSdJwt(webPlatform.sha256, text)
  if (isRefusal(sdJwt)) return []
  return fields.map((name) => ({ name, value: sdJwt.claims[name] }))
}

function Paper({ form }: { readonly form: PrintedForm }): ReactElement {
  const { t } = useTranslation('wallet')
  const queryClient = useQueryClient()
  const act = useAct()
  const held = useQuery(walletQuery).data?.certificates.find(
    ({ certificateId }) => certificateId === form.certificateId,
  )
  const fields = useMemo(() => fieldsIn(form), [form])
  const codes = usePaperCodes(form.text)
  const [languages, setLanguages] = useState(rememberedChoice)
  const { cancelledAtMs, standing } = form
  const cancel = () =>
    act.run(async () => {
      await agent.cancelPrint(form.printId)
      await queryClient.invalidateQueries({ queryKey: printsQuery.queryKey })
    })
  return (
    <>
      <LanguageChoice
        chosen={languages}
        choose={(choice) => {
          rememberChoice(choice)
          setLanguages(choice)
        }}
      />
      <Suspense fallback={<Outline />}>
        <PaperSheet {...{ form, held, fields, languages, codes }} />
      </Suspense>
      <div className="held-actions no-print">
        {cancelledAtMs !== undefined && <StandingTag standing={{ word: 'status_revoked', verdict: 'not_valid' }} />}
        {cancelledAtMs === undefined && standing !== undefined && <StandingTag standing={standing} />}
        <button type="button" className="main-button" onClick={() => print()} disabled={cancelledAtMs !== undefined}>
          <Icon name="print" size={18} /> {t('paper.print')}
        </button>
        <Suspense fallback={undefined}>
          <SavePdfButton {...{ form, held, fields, languages, codes }} />
        </Suspense>
        <SureButton
          className="plain-button danger"
          disabled={act.isBusy || cancelledAtMs !== undefined}
          testId="cancel-print"
          question={t('paper.sure')}
          yes={t('paper.cancel')}
          no={t('paper.keep')}
          onSure={cancel}
        >
          {t('paper.cancel')}
        </SureButton>
        <Fault sentence={act.fault} />
      </div>
    </>
  )
}

interface LanguageChoiceProps {
  readonly chosen: PaperLanguages
  readonly choose: (choice: PaperLanguages) => void
}

function LanguageChoice({ chosen, choose }: LanguageChoiceProps): ReactElement {
  const { t } = useTranslation('wallet')
  const name = useId()
  return (
    <fieldset className="pick-row no-print">
      <legend>{t('paper.language')}</legend>
      {paperChoices.map((choice) => (
        <label key={choice.join('+')} className="pick">
          <input
            type="radio"
            name={name}
            checked={choice.join() === chosen.join()}
            onChange={() => choose(choice)}
            data-testid={`paper-${choice.join('+')}`}
          />
          <span>{nameOfChoice(choice)}</span>
        </label>
      ))}
    </fieldset>
  )
}
