import { useQuery } from '@tanstack/react-query'
import { Button } from '#ui/button.tsx'
import { Sheet } from '#ui/dialog.tsx'
import { Diff } from '#ui/diff.tsx'
import { Facts } from '#ui/facts.tsx'
import { useText } from '#ui/text.tsx'
import { membersQuery, useTenant } from '#web/session.ts'
import { Actor, type Entry, Instant, nameOf } from './entry.tsx'

interface EntrySheetProps {
  readonly entry: Entry | undefined
  readonly onClose: () => void
  /** Shows all entries of one record. */
  readonly onEverything: (resourceId: string) => void
}

/** One entry: its facts, and the record before and after. */
export function EntrySheet({ entry, onClose, onEverything }: EntrySheetProps) {
  const t = useText()
  const { slug } = useTenant()
  const isSupport = typeof entry?.actor.onBehalfOf === 'string'
  const { data: members } = useQuery({ ...membersQuery(slug), enabled: isSupport })
  const asMember = (userId: string) =>
    [t('audit.onBehalfOf'), members?.find((member) => member.userId === userId)?.name ?? userId] as const
  return (
    <Sheet open={entry !== undefined} onClose={onClose} title={entry ? nameOf(entry) : ''}>
      {entry && (
        <>
          <Facts
            lines
            entries={[
              [
                t('audit.event'),
                <span key="event" className="mono">
                  {entry.event}
                </span>,
              ],
              [t('audit.who'), <Actor key="who" of={entry} />],
              ...(entry.actor.onBehalfOf === null ? [] : [asMember(entry.actor.onBehalfOf)]),
              [t('audit.at'), <Instant key="at" at={entry.at} />],
              [t('audit.via'), t(`audit.via.${entry.via}`)],
              [t('audit.address'), entry.address ?? t('audit.unknownAddress')],
              [
                t('audit.operation'),
                <span key="operation" className="mono">
                  {entry.operation}
                </span>,
              ],
              [
                t('audit.request'),
                <span key="request" className="mono">
                  {entry.requestId}
                </span>,
              ],
              [
                t('audit.record'),
                <span key="record" className="mono">
                  {entry.resource.id}
                </span>,
              ],
            ]}
          />
          <section className="stack">
            <h3>{t('audit.whatChanged')}</h3>
            <Diff before={entry.before} after={entry.after} />
          </section>
          <div className="row">
            <Button onClick={() => onEverything(entry.resource.id)}>{t('audit.everything')}</Button>
          </div>
        </>
      )}
    </Sheet>
  )
}
