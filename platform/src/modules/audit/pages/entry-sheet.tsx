import { Button } from '#ui/button.tsx'
import { Sheet } from '#ui/dialog.tsx'
import { Diff } from '#ui/diff.tsx'
import { Facts } from '#ui/facts.tsx'
import { useText } from '#ui/text.tsx'
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
