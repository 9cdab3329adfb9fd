import { type ReactElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { paths } from '../../api/paths.ts'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import './help.css'

const steps = ['sign', 'order', 'decide', 'prove'] as const
const terms = [
  'ledger',
  'member',
  'block',
  'transaction',
  'receipt',
  'checkpoint',
  'did',
  'certificate',
  'anchor',
  'statusList',
  'trustBundle',
  'committee',
  'refusal',
] as const
const auditCommand = 'npx chengxin audit certificate.sd-jwt --bundle bundle.json'

export function HelpPage(): ReactElement {
  const { t } = useTranslation('help')
  const { group } = useCity()
  const { hash } = useLocation()
  useEffect(() => {
    if (hash !== '') document.querySelector(hash)?.scrollIntoView()
  }, [hash])
  return (
    <Page title={t('title')} lead={t('lead')}>
      <ol className="help-steps">
        {steps.map((step) => (
          <li key={step}>
            <h2>{t(`steps.${step}.title`)}</h2>
            <p>{t(`steps.${step}.text`)}</p>
          </li>
        ))}
      </ol>
      {group.sample && (
        <div id="sample" className="help-part">
          <Panel title={t('sample.title')}>
            <p>{t('sample.text')}</p>
          </Panel>
        </div>
      )}
      <Panel title={t('privacy.title')}>
        <p>{t('privacy.text')}</p>
      </Panel>
      <Panel title={t('alone.title')}>
        <p>{t('alone.text')}</p>
        <div className="command help-command">
          <code>{auditCommand}</code>
          <CopyButton text={auditCommand} />
        </div>
        <p className="help-links">
          <CityLink to="/check">{t('alone.check')}</CityLink>
          <a href={paths.apiDocs()}>{t('alone.api')}</a>
        </p>
      </Panel>
      <Panel title={t('glossary')} bare>
        <dl className="glossary">
          {terms.map((term) => (
            <div key={term}>
              <dt>{t(`terms.${term}.word`)}</dt>
              <dd>{t(`terms.${term}.meaning`)}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </Page>
  )
}
