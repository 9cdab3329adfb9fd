/** Who asks, as the group has registered it: for what, on which ground, and until when it is kept. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Asker } from '../../api/agent.ts'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useTexts } from './words.ts'

export function AskerView({ asker }: { readonly asker: Asker }): ReactElement {
  const { t } = useTranslation('wallet')
  const texts = useTexts()
  const format = useFormat()
  return (
    <>
      <section className="asker" aria-label={t('request.who')}>
        <span className="asker-mark" aria-hidden="true">
          {texts(asker.names).slice(0, 1)}
        </span>
        <div>
          <h2 className="asker-name" data-testid="asker">
            {texts(asker.names)}
          </h2>
          <p className="asker-domain">
            <Icon name="check" size={16} /> {t('request.registered', { domain: asker.domain })}
          </p>
        </div>
      </section>
      <FactList
        facts={[
          { name: t('request.purpose'), value: texts(asker.purpose) },
          {
            name: t('request.ground'),
            value:
              asker.ground.kind === 'law' ? t('request.law', { law: asker.ground.reference }) : t('request.consent'),
          },
          { name: t('request.until'), value: format.date(asker.keptUntilMs) },
        ]}
      />
    </>
  )
}
