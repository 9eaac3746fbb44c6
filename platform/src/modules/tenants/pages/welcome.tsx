import { useQuery } from '@tanstack/react-query'
import { Button } from '#ui/button.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { SignedOut } from '#web/signed-out.tsx'

/** The first organisation, and any further one. */
export default function WelcomePage() {
  const t = useText()
  const { data: regions = [] } = useQuery({
    queryKey: ['regions'],
    queryFn: async () => required(await api.GET('/api/v1/regions')).items,
  })
  const create = async ({ name = '', slug, region }: Record<string, string>) => {
    const body = { name, ...(slug ? { slug } : {}), ...(region ? { region } : {}) }
    const tenant = required(await api.POST('/api/v1/tenants', { body }))
    location.assign(`/welcome/invite?tenant=${tenant.slug}`)
  }
  return (
    <SignedOut title={t('tenants.welcome')}>
      <p className="quiet">{t('tenants.welcomeHelp')}</p>
      <Form onSubmit={create} failureOf={formFailure}>
        {(busy) => (
          <>
            <TextField name="name" label={t('tenants.name')} autoComplete="organization" required />
            <TextField name="slug" label={t('tenants.slug')} help={t('tenants.slugHelp')} autoComplete="off" />
            {regions.length > 1 && (
              <SelectField
                name="region"
                label={t('tenants.region')}
                help={t('tenants.regionHelp')}
                options={regions.map((region) => [region.name, region.name])}
              />
            )}
            <Button type="submit" tone="primary" size="large" busy={busy}>
              {t('tenants.create')}
            </Button>
          </>
        )}
      </Form>
    </SignedOut>
  )
}
