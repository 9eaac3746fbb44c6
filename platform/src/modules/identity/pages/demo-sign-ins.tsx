import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { demoPassword, demoSignIns } from '../../../demo-people.ts'

/** The people of the demo: one click signs in. Only an installation with demo data says that it has them. */
export default function DemoSignIns({
  onSignedIn,
}: {
  onSignedIn: (state: 'signed_in' | 'second_factor_required') => void
}) {
  const t = useText()
  const [failure, setFailure] = useState<string>()
  const signIn = async (email: string) => {
    try {
      const body = { email, password: demoPassword }
      onSignedIn(required(await api.POST('/api/v1/sessions', { body })).state)
    } catch (error) {
      setFailure(problemOf(error).detail)
    }
  }
  return (
    <aside>
      <h2>{t('identity.demo')}</h2>
      <ul className="choices">
        {demoSignIns.map(({ email, role }) => (
          <li key={email}>
            <button type="button" onClick={() => void signIn(email)}>
              <span>{email}</span>
              <span className="quiet">{role}</span>
            </button>
          </li>
        ))}
      </ul>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      <p className="fine">{t('identity.demoHelp', { password: demoPassword })}</p>
    </aside>
  )
}
