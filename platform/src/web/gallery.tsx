import { Folder, Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { CopyField } from '#ui/copy-field.tsx'
import { Day, When } from '#ui/date.tsx'
import { DayBars } from '#ui/day-bars.tsx'
import { ConfirmDialog, Dialog, Sheet } from '#ui/dialog.tsx'
import { Diff } from '#ui/diff.tsx'
import { DropZone } from '#ui/drop-zone.tsx'
import { Facts } from '#ui/facts.tsx'
import { Checkbox, PasswordField, SelectField, TextArea, TextField } from '#ui/field.tsx'
import { DateField, FilterSelect, Filters, SearchField } from '#ui/filters.tsx'
import { Folded } from '#ui/folded.tsx'
import { Form, FormActions, FormProblem } from '#ui/form.tsx'
import { Histogram } from '#ui/histogram.tsx'
import { RowMenu } from '#ui/menu.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Pager } from '#ui/pager.tsx'
import { Avatar, Person } from '#ui/people.tsx'
import { Progress } from '#ui/progress.tsx'
import { Ruler } from '#ui/ruler.tsx'
import { EmptyState, ErrorState, NoMatchState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { type Column, Table } from '#ui/table.tsx'
import { Tabs } from '#ui/tabs.tsx'
import { useToast } from '#ui/toast.tsx'
import { formFailure } from './api.ts'
import { useTitle } from './title.ts'

/** Every component of the kit in every state, for who writes pages. In development only, and in English only. */
export default function GalleryPage() {
  useTitle('Components')
  return (
    <main className="main gallery" id="content">
      <PageHeader title="Components">Ledger: ink on paper, one green, hairlines before boxes.</PageHeader>
      <Part name="Buttons">
        <Buttons />
      </Part>
      <Part name="Fields">
        <Fields />
      </Part>
      <Part name="Status, people, progress">
        <Signs />
      </Part>
      <Part name="Tabs, filters, pages">
        <Navigation />
      </Part>
      <Part name="Table">
        <Tables />
      </Part>
      <Part name="Menus, dialogs, toasts">
        <Layers />
      </Part>
      <Part name="Banners">
        <Banner>Maintenance on Sunday, 03:00 to 03:20 UTC. Reading works throughout.</Banner>
        <Banner tone="good">Your address is confirmed.</Banner>
        <Banner tone="bad">You are offline. What you see may be old.</Banner>
      </Part>
      <Part name="Empty and failed">
        <States />
      </Part>
      <Part name="Facts and differences">
        <Records />
      </Part>
    </main>
  )
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className="gallery-part">
      <h2>{name}</h2>
      <div className="stack">{children}</div>
    </section>
  )
}

function Buttons() {
  const tones = ['primary', 'plain', 'bare', 'danger'] as const
  return (
    <>
      {tones.map((tone) => (
        <div className="row" key={tone}>
          <Button tone={tone}>Save changes</Button>
          <Button tone={tone} size="small">
            Small
          </Button>
          <Button tone={tone} icon={<Plus size={16} aria-hidden />}>
            With icon
          </Button>
          <Button tone={tone} disabled>
            Disabled
          </Button>
          <Button tone={tone} busy>
            Busy
          </Button>
          <Button tone={tone} icon={<Plus size={16} aria-hidden />} aria-label={`Only an icon, ${tone}`} />
        </div>
      ))}
      <div>
        <Button tone="primary" size="large">
          Large, as wide as its column
        </Button>
      </div>
    </>
  )
}

const refusal = { pointer: '#/address', detail: 'Start with https://. Plain http is not sent to.' }

function Fields() {
  const refuse = async () => {
    throw new FormProblem({ detail: 'The address was refused.', errors: [refusal] })
  }
  return (
    <Form onSubmit={refuse} failureOf={formFailure}>
      {(busy) => (
        <>
          <TextField name="name" label="Project name" help="Shown to guests, too" defaultValue="Supplier portal" />
          <TextField name="address" label="Address" defaultValue="http://hooks.globex.test" />
          <PasswordField name="password" label="Password" defaultValue="demo-password-1" autoComplete="off" />
          <TextField name="id" label="Organisation id" defaultValue="acme" disabled />
          <SelectField name="role" label="Role" options={[['admin', 'Administrator'] as const]} />
          <TextArea name="notes" label="Notes" rows={3} />
          <Checkbox label="Send a weekly digest" defaultChecked />
          <Checkbox label="Needs another plan" disabled />
          <div className="row">
            <Button type="submit" busy={busy}>
              Save, which is refused
            </Button>
          </div>
        </>
      )}
    </Form>
  )
}

const shownAt = new Date().toISOString()
const looks = [
  ['planned', 'Planned'],
  ['open', 'To do'],
  ['going', 'On track'],
  ['good', 'Delivered'],
  ['warn', 'At risk'],
  ['bad', 'Overdue'],
  ['paused', 'On hold'],
] as const

function Signs() {
  return (
    <>
      <div className="row">
        {looks.map(([look, word]) => (
          <Status key={look} look={look}>
            {word}
          </Status>
        ))}
      </div>
      <div className="row">
        <Avatar name="Lucía Marín" />
        <Avatar name="Diego Ortega" large />
        <Person name="Priya Raman" email="priya.raman@acme.test" />
      </div>
      <div className="row">
        <Progress label="On its way" done={30} total={44} />
        <Progress label="Near the limit" done={46} total={50} look="warn" />
        <Progress label="At the limit" done={1} total={1} look="bad" />
        <Progress label="Done" done={1} total={1} look="good" />
      </div>
      <Ruler label="Reads: 1,840 of 6,000" used={1_840} limit={6_000} warnsAt={4_800} />
      <Ruler label="Changes: 1,020 of 1,200" used={1_020} limit={1_200} warnsAt={960} />
      <Ruler label="Exports: 60 of 60" used={60} limit={60} warnsAt={48} />
      <div className="row">
        <When at={shownAt} />
        <Day on="2026-11-21" />
        <kbd>K</kbd>
      </div>
    </>
  )
}

function Navigation() {
  const [text, setText] = useState('')
  const [state, setState] = useState<string | undefined>('atRisk')
  const [day, setDay] = useState<string>()
  return (
    <>
      <Tabs label="Views">
        <a href="#content" aria-current="page">
          All
        </a>
        <a href="#content">Mine</a>
      </Tabs>
      <Filters>
        <SearchField label="Filter by name" value={text} onChange={setText} />
        <FilterSelect label="Status" value={state} options={[['atRisk', 'At risk']]} onChange={setState} />
        <DateField label="From" value={day} onChange={setDay} />
      </Filters>
      <Pager onFirst={undefined} onNext={() => setText('')} />
    </>
  )
}

interface Line {
  readonly name: string
  readonly tasks: number
}

const columns: Column<Line>[] = [
  { key: 'name', header: 'Project', sort: 'name', cell: ({ name }) => <span dir="auto">{name}</span> },
  { key: 'tasks', header: 'Tasks', align: 'number', sort: 'tasks', cell: ({ tasks }) => tasks },
  { key: 'acts', header: 'Actions', align: 'acts', cell: ({ name }) => <RowMenu of={name}>{null}</RowMenu> },
]
const lines = [
  { name: 'Battery swap station', tasks: 12 },
  { name: 'Ein sehr langer Name, der nicht in seine Spalte passt und deshalb umgebrochen werden muss 🧭', tasks: 3 },
  { name: 'مشروع تجريبي', tasks: 1_204 },
]

function Tables() {
  const [sort, setSort] = useState('name')
  return (
    <>
      <Table
        caption="Projects"
        columns={columns}
        rows={lines}
        rowKey={({ name }) => name}
        openKey="Battery swap station"
        sort={sort}
        onSort={setSort}
      />
      <Table caption="Being loaded" columns={columns} rows={undefined} rowKey={({ name }) => name} />
    </>
  )
}

function Layers() {
  const [open, setOpen] = useState<'dialog' | 'confirm' | 'sheet'>()
  const say = useToast()
  const close = () => setOpen(undefined)
  return (
    <div className="row">
      <RowMenu of="Supplier portal">
        <button type="button">Rename</button>
        <hr />
        <button type="button" className="bad">
          Delete
        </button>
      </RowMenu>
      <Button onClick={() => setOpen('dialog')}>Dialog</Button>
      <Button onClick={() => setOpen('confirm')}>Confirm</Button>
      <Button onClick={() => setOpen('sheet')}>Sheet</Button>
      <Button onClick={() => say('Depot 2 signage is in the trash.', () => say('It is back.'))}>Toast</Button>
      <Dialog open={open === 'dialog'} onClose={close} title="New project">
        <Form onSubmit={async () => close()} failureOf={formFailure}>
          {(busy) => (
            <>
              <div className="body">
                <TextField name="name" label="Name" />
              </div>
              <FormActions save="Create" busy={busy} onCancel={close} />
            </>
          )}
        </Form>
      </Dialog>
      <ConfirmDialog
        open={open === 'confirm'}
        onClose={close}
        title="Revoke Warehouse scanner?"
        consequence="Programs that use it are refused from now on. This cannot be undone."
        action="Revoke"
        busy={false}
        onConfirm={close}
      />
      <Sheet open={open === 'sheet'} onClose={close} title="Rewrite the pinch-force acceptance test">
        <p>A record beside its list.</p>
      </Sheet>
    </div>
  )
}

function States() {
  const nothing = () => {}
  return (
    <>
      <EmptyState icon={<Folder size={20} aria-hidden />} title="No projects yet" action={<Button>New project</Button>}>
        A project holds the tasks of one piece of work.
      </EmptyState>
      <NoMatchState title="Nothing matches the filters" onClear={nothing} />
      <ErrorState detail="The database took too long to answer." requestId="01a1fce7-13a0" onRetry={nothing} />
    </>
  )
}

function Records() {
  return (
    <>
      <Facts
        entries={[
          ['Status', 'At risk'],
          ['Due', '24 Nov 2026'],
          ['Progress', '30 of 44'],
        ]}
      />
      <Facts
        lines
        entries={[
          ['Event', 'member.roleChanged'],
          ['Address', '192.0.2.12'],
        ]}
      />
      <Histogram
        label="Targets by migrations"
        bars={[
          { key: '22', name: '22 of 24', count: 3, tone: 'warn' },
          { key: '24', name: '24 of 24', count: 1_204, tone: 'good' },
          { key: 'unknown', name: 'unknown', count: 1, tone: 'bad' },
        ]}
      />
      <Histogram label="Being loaded" bars={undefined} />
      <DayBars
        label="Activity by day"
        bars={[3, 8, 0, 5, 13, 2, 9].map((value, at) => ({ day: `2026-11-${15 + at}`, value }))}
      />
      <Folded text="canceling statement due to lock timeout" />
      <Folded
        text={`projects 0002_text failed: column "body" of relation "notes" contains null values. ${'Detail. '.repeat(12)}`}
      />
      <Diff before={{ role: 'viewer', seats: 17 }} after={{ role: 'member', seats: 18, note: 'joined' }} />
      <CopyField value="tk_an_example_of_a_secret" />
      <DropZone label="Drop a file here, or choose one" accept="text/csv" onFile={() => {}} />
    </>
  )
}
