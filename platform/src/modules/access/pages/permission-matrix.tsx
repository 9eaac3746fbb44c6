import { Asterisk } from 'lucide-react'
import { useId } from 'react'
import { Checkbox } from '#ui/field.tsx'
import { useFieldError } from '#ui/form.tsx'
import { type Column, Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useMay } from '#web/session.ts'
import type { Condition, PermissionFacts } from './access-queries.ts'

/** What most kinds of record have; the others stand with their names in the last column. */
const commonActions = ['read', 'create', 'update', 'delete'] as const

interface MatrixProps {
  readonly facts: readonly PermissionFacts[] | undefined
  /** Ticked at first. */
  readonly granted: ReadonlySet<string>
  readonly conditions: ReadonlyMap<string, Condition>
  readonly readOnly: boolean
}

interface Row {
  readonly resource: string
  readonly permissions: readonly PermissionFacts[]
}

/** Permissions by kind of record: fields named `permissions` of the form around. */
export function PermissionMatrix({ facts, granted, conditions, readOnly }: MatrixProps) {
  const t = useText()
  const may = useMay()
  const noteId = useId()
  const error = useFieldError('permissions')
  const rows = facts && [...Map.groupBy(facts, ({ resource }) => resource)].map(toRow)
  const tick = ({ permission, action }: PermissionFacts, isNamed: boolean) => (
    <Checkbox
      key={permission}
      name="permissions"
      value={permission}
      aria-label={conditions.has(permission) ? t('access.conditional', { permission }) : permission}
      aria-describedby={may(permission) ? undefined : noteId}
      aria-invalid={error === undefined ? undefined : true}
      title={may(permission) ? permission : t('access.notHeld', { permission })}
      defaultChecked={granted.has(permission)}
      disabled={readOnly || !may(permission)}
      label={
        <>
          <span className={isNamed ? 'mono' : 'mono in-block'}>{action}</span>
          {conditions.has(permission) && <Asterisk size={14} aria-hidden />}
        </>
      }
    />
  )
  const columns: Column<Row>[] = [
    {
      key: 'resource',
      header: t('access.resource'),
      cell: ({ resource }) => <span className="mono">{resource}</span>,
    },
    ...commonActions.map((action): Column<Row> => {
      return {
        key: action,
        header: t(`access.action.${action}`),
        cell: ({ permissions }) =>
          permissions.filter((each) => each.action === action).map((each) => tick(each, false)),
      }
    }),
    {
      key: 'others',
      header: t('access.otherActions'),
      cell: ({ permissions }) => (
        <div className="row">{permissions.filter(isUncommon).map((each) => tick(each, true))}</div>
      ),
    },
  ]
  return (
    <>
      <Table caption={t('access.permissions')} columns={columns} rows={rows} rowKey={({ resource }) => resource} />
      {error !== undefined && <p className="error">{error}</p>}
      {!readOnly && facts?.some(({ permission }) => !may(permission)) && (
        <p className="help" id={noteId}>
          {t('access.heldOnly')}
        </p>
      )}
    </>
  )
}

function toRow([resource, permissions]: [string, readonly PermissionFacts[]]): Row {
  return { resource, permissions }
}

function isUncommon({ action }: PermissionFacts): boolean {
  return !commonActions.some((common) => common === action)
}
