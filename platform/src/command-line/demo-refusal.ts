import { findPerson } from '#modules/identity'
import { demoSignIns } from '../demo-people.ts'
import type { Installation } from '../installation.ts'
import { systemSession } from '../system-session.ts'

/** Throws when the databases hold people of the demo: everybody knows their password, so production must not serve them. */
export async function refuseDemo({ databases }: Installation): Promise<void> {
  const session = systemSession(databases.identity)
  for (const { email } of demoSignIns) {
    if (!(await findPerson(session, email))) continue
    throw new Error(
      `These databases hold the people of the demo, such as ${email}, whose password is published. Production needs databases of its own: npx tenantry database prepare --control … --cell …`,
    )
  }
}
