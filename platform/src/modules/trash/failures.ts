import { failure } from '#kernel/errors/failure'

export const nameTaken = failure('trash.name_taken', {
  status: 409,
  title: 'Meanwhile there is another one of this name.',
  help: 'Nothing was restored. Send the request again with a `name` for what is restored. The name that it had is accepted too: then there are two of that name.',
})
export const nameNotConfirmed = failure('trash.name_not_confirmed', {
  status: 422,
  title: 'What you typed is not its name.',
  help: 'What is deleted for good does not come back, so `confirm` has to be the name of the record, letter by letter as the trash shows it. Nothing was changed.',
})
