/** The resident's own vault: shut until a passkey opens it, then its cards, with what can be done. */
import type { OwnContent } from '@chengxin/holder'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HeldCertificate } from '../../../api/agent.ts'
import type { KeptVault } from '../../../api/own.ts'
import { useCity } from '../../../city/city.ts'
import { FactList } from '../../../parts/fact-list.tsx'
import { Fault } from '../../../parts/fault.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { When } from '../../../parts/when.tsx'
import { useAct } from '../../../session/use-act.ts'
import { CardFace } from '../certificate-card.tsx'
import { useCardWords, useTexts } from '../words.ts'
import { AnotherPasskey } from './another-passkey.tsx'
import { OpenVaultButton } from './open-vault-button.tsx'
import { useOwner } from './use-owner.ts'

interface Opened {
  readonly content: OwnContent
  readonly cards: readonly HeldCertificate[]
}

export interface OpenOwnVaultProps {
  readonly vault: KeptVault
  /** Whether the account has passkeys that do not open the vault yet. */
  readonly otherKeys: boolean
}

export function OpenOwnVault({ vault, otherKeys }: OpenOwnVaultProps): ReactElement {
  const { t } = useTranslation('own')
  const { group } = useCity()
  const owner = useOwner()
  const act = useAct()
  const [opened, setOpened] = useState<Opened>()

  const show = async (content: OwnContent) => {
    const { cardsOf } = await import('../../../own/own-acts.ts')
    setOpened({ content, cards: await cardsOf(group.id, content) })
  }
  const collect = () =>
    act.run(async () => {
      const { collectOwnOrders } = await import('../../../own/own-acts.ts')
      await show(await collectOwnOrders(owner(), group.id))
    })
  const remove = (certificateId: string) =>
    act.run(async () => {
      const { removeOwn } = await import('../../../own/own-acts.ts')
      await show(await removeOwn(owner(), certificateId))
    })
  const waiting = opened?.content.orders.length ?? 0

  return (
    <>
      {opened === undefined ? (
        <Panel title={t('shut.title')}>
          <p className="setup-words">{t('shut.text', { count: vault.keys.length })}</p>
          <OpenVaultButton label={t('shut.open')} show={show} />
        </Panel>
      ) : (
        <Cards opened={opened} isBusy={act.isBusy} remove={remove} />
      )}
      {waiting > 0 && (
        <p className="wallet-waiting" role="status">
          <Icon name="clock" size={18} /> {t('waiting', { count: waiting })}{' '}
          <button type="button" className="link-button" onClick={collect} disabled={act.isBusy}>
            {t('collect')}
          </button>
        </p>
      )}
      {opened !== undefined && <Consents content={opened.content} />}
      {otherKeys && <AnotherPasskey />}
      <Fault sentence={act.fault} />
    </>
  )
}

interface CardsProps {
  readonly opened: Opened
  readonly isBusy: boolean
  readonly remove: (certificateId: string) => void
}

function Cards({ opened, isBusy, remove }: CardsProps): ReactElement {
  const { t } = useTranslation('own')
  const words = useCardWords()
  const [openId, setOpenId] = useState<string>()
  if (opened.cards.length === 0) return <p className="setup-words">{t('empty')}</p>
  const one = opened.cards.find(({ certificateId }) => certificateId === openId)
  return (
    <>
      <ul className="cards" aria-label={t('title')}>
        {opened.cards.map((card) => (
          <li key={card.certificateId}>
            <button
              type="button"
              className="card-button"
              onClick={() => setOpenId(card.certificateId)}
              aria-expanded={card.certificateId === openId}
              data-testid="own-card"
              data-standing={card.standing.word}
            >
              <CardFace certificate={card} />
            </button>
          </li>
        ))}
      </ul>
      {one !== undefined && (
        <Panel title={words(one).name}>
          <FactList facts={words(one, one.fields).fields.map(({ label, value }) => ({ name: label, value }))} />
          <button
            type="button"
            className="plain-button danger"
            onClick={() => remove(one.certificateId)}
            disabled={isBusy}
          >
            {t('remove')}
          </button>
        </Panel>
      )}
    </>
  )
}

function Consents({ content }: { readonly content: OwnContent }): ReactElement | null {
  const { t } = useTranslation('own')
  const texts = useTexts()
  if (content.consents.length === 0) return null
  const facts = content.consents.toReversed().map(({ verifier, purpose, items, givenAtMs }) => ({
    name: texts(verifier.names),
    value: (
      <>
        {texts(purpose)} · {items.flatMap(({ fields }) => fields).length} · <When timeMs={givenAtMs} />
      </>
    ),
  }))
  return (
    <Panel title={t('consents')}>
      <FactList facts={facts} />
    </Panel>
  )
}
