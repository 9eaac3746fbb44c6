export const words = {
  'usage.usage': 'Usage',
  'usage.help':
    'Requests of everybody in this organisation in the last {seconds} seconds, against what the plan allows. One person or one API key may have half of each limit.',
  'usage.requests': 'Requests',
  'usage.read': 'Reads',
  'usage.write': 'Changes',
  'usage.heavy': 'Exports and heavy work',
  'usage.used': 'Used',
  'usage.reading': 'Against the limit',
  'usage.state': 'State',
  'usage.of': '{used} of {limit}',
  'usage.label': '{name}: {used} of {limit}',
  'usage.within': 'Within the limit',
  'usage.near': 'Over 80 % of the limit',
  'usage.reached': 'Limit reached, more is free in {seconds} s',
  'usage.none': 'No limits',
  'usage.noneHelp': 'The plan of this organisation has none.',
}
