/** Who is in the demo; free of imports, because the sign-in page offers them, too. */

/** Published on purpose: the demo is refused in production. */
export const demoPassword = 'demo-password-1'

export interface DemoPerson {
  readonly email: string
  readonly name: string
}

export const owner = { email: 'owner@acme.test', name: 'Lucía Marín' }
export const globexOwner = { email: 'owner@globex.test', name: 'Peter Holt' }
export const colleagues: readonly (DemoPerson & { role: 'admin' | 'member' | 'viewer' })[] = [
  { email: 'admin@acme.test', name: 'Diego Ortega', role: 'admin' },
  { email: 'member@acme.test', name: 'Priya Raman', role: 'member' },
  { email: 'viewer@acme.test', name: 'Samuel Kerr', role: 'viewer' },
]
export const staff = { email: 'staff@tenantry.test', name: 'Tenantry Staff' }

/** Who can sign in to the demo, and as what. */
export const demoSignIns = [
  { email: owner.email, role: 'owner of acme' },
  ...colleagues.map(({ email, role }) => ({ email, role: `${role} of acme` })),
  { email: globexOwner.email, role: 'owner of globex' },
  { email: staff.email, role: 'staff of the platform' },
]
