import { KeyRound, Plus } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useAddressState } from '#web/list-state.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { KeyTable } from './key-table.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'

/** All keys of the organisation: those of service accounts, and those of their own. */
export default function KeysPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const address = useAddressState()
  useTitle(t('keys.keys'), tenant.name)
  const create = may('key:create') && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {t('keys.create')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('keys.keys')} actions={create}>
        {t('keys.help')}
      </PageHeader>
      <KeyTable
        empty={
          <EmptyState icon={<KeyRound size={20} aria-hidden />} title={t('keys.empty')} action={create}>
            {t('keys.emptyHelp')}
          </EmptyState>
        }
      />
      <NewKeyDialog open={address.values['open'] === 'new'} onClose={() => address.set({ open: undefined })} />
    </>
  )
}
