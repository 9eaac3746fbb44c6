import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { Facts } from '#ui/facts.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { usePlans } from '#web/plans.ts'
import { tenantSections } from '#web/tenant-sections.ts'
import { useTitle } from '#web/title.ts'
import { TenantActions } from './tenant-actions.tsx'
import { TenantMembers } from './tenant-members.tsx'
import { type Tenant, TenantState } from './tenant-state.tsx'
import { placeOf } from './tenants.tsx'

export default function TenantPage() {
  const t = useText()
  const { id = '' } = useParams({ strict: false })
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'tenant', id],
    queryFn: async () => required(await api.GET('/api/v1/staff/tenants/{id}', { params: { path: { id } } })),
  })
  useTitle(data?.name ?? t('staff.tenant'), t('staff.console'))
  const crumbs = (
    <>
      <Link to="/staff/tenants">{t('staff.tenants')}</Link>
      <ChevronRight size={14} aria-hidden />
      <span className="mono">{data?.slug ?? id}</span>
    </>
  )
  return (
    <>
      <PageHeader crumbs={crumbs} title={data?.name ?? t('staff.tenant')} />
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {!error && !data && <span className="skeleton" />}
      {data && <Record of={data} />}
    </>
  )
}

function Record({ of: tenant }: { of: Tenant }) {
  const t = useText()
  const plan = usePlans().find(({ key }) => key === tenant.plan)
  return (
    <>
      <Facts
        entries={[
          [t('staff.state'), <TenantState key="state" state={tenant.state} />],
          [t('staff.since'), <When key="since" at={tenant.stateSince} />],
          [t('staff.members'), tenant.members],
          [t('staff.plan'), plan?.name ?? tenant.plan],
          [t('staff.model'), t(`staff.model.${tenant.model}`)],
          [t('staff.cell'), placeOf(tenant.cell, tenant.region)],
          [t('staff.created'), <When key="created" at={tenant.createdAt} />],
        ]}
      />
      <div className="beside-actions">
        <section>
          <div className="section-head">
            <h2>{t('staff.details')}</h2>
          </div>
          <Facts lines entries={detailsOf(tenant, t)} />
        </section>
        <TenantActions tenant={tenant} />
      </div>
      {tenant.state !== 'purged' && tenant.state !== 'provisioning' && <TenantMembers tenantId={tenant.id} />}
      {tenantSections.map(({ file, section: Section }) => (
        <Section key={file} tenantId={tenant.id} />
      ))}
    </>
  )
}

function detailsOf(tenant: Tenant, t: ReturnType<typeof useText>) {
  const { id, reason, slug, purgeAfter, erasedAt } = tenant
  return [
    [t('staff.reason'), reason ?? t('staff.noReason')],
    [
      t('staff.slug'),
      slug === null ? (
        t('staff.noSlug')
      ) : (
        <span key="slug" className="mono">
          {slug}
        </span>
      ),
    ],
    ...(purgeAfter === null ? [] : [[t('staff.purgeAfter'), <When key="purge" at={purgeAfter} />] as const]),
    ...(erasedAt === null ? [] : [[t('staff.erasedAt'), <When key="erased" at={erasedAt} />] as const]),
    [
      t('staff.id'),
      <span key="id" className="mono">
        {id}
      </span>,
    ],
  ] as const
}
