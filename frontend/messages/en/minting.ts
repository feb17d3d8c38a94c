import { plural } from '../plural.ts'

export const minting = {
  mint: {
    steps: {
      client: {
        title: 'Client',
        about: 'Which program is it for? One token for each is best: then you can revoke one alone.',
      },
      reach: { title: 'Instances', about: 'What it may reach, and nothing else.' },
      role: { title: 'Role', about: 'The most that it may be.' },
      expiry: { title: 'Expiry', about: 'When it ends by itself.' },
      review: { title: 'Review', about: 'What the forge says to this token, before there is one.' },
      edit: { title: 'What it is', about: 'So that you know later which one to revoke.' },
    },
    clientLegend: 'The program that will use it',
    fromLink: 'From the link',
    prefilled: {
      link: 'A link has filled in what is marked below. Check each of it: nothing is minted before you say so.',
      token: 'Filled in from your other token. Change what should be different.',
      draft: 'What you had typed before you signed in is here again.',
    },
    tools: {
      limit: 'Limit to certain tools',
      limitHint: 'Otherwise it may call every tool that its role allows, also those that come later.',
      legend: 'Tools that it may call',
      loading: 'Looking at the tools…',
      search: 'Search tools',
      none: 'The chosen instances have not reported any tools yet.',
      unreached: 'Choose what it may reach first.',
      nothingFound: (text: string) => `No tool is called “${text}”.`,
      more: (count: number) => `And ${count} more. Search to find them.`,
      notListed: (count: number) => `The forge lists ${count} tools at most; the others cannot be chosen here.`,
      gone: 'Not offered there now',
      reads: 'Reads',
      writes: 'Writes',
      onlyUsed: (count: number) =>
        plural(count, { one: 'Only the # tool that it used', other: 'Only the # tools that it used' }),
      onlyUsedHint: 'In the last 30 days.',
      title: 'Its tools',
      can: (count: number) => plural(count, { one: 'Can call # tool', other: 'Can call # tools' }),
      cannot: (count: number) => plural(count, { one: 'Can’t call # tool', other: 'Can’t call # tools' }),
      canNone: 'Can call no tool.',
      why: 'Why not',
      andMore: (count: number) => `and ${count} more`,
    },
    reviewEmpty: 'Choose what it may reach, and the forge says here what it would be worth.',
  },
  prefill: {
    copyOf: (name: string) => `${name} (copy)`,
    unknownGrants: (count: number) =>
      plural(count, {
        one: 'The link names # place that you do not reach. It was left out.',
        other: 'The link names # places that you do not reach. They were left out.',
      }),
    lostGrants: (count: number) =>
      plural(count, {
        one: '# place of the other token is out of your reach now. It was left out.',
        other: '# places of the other token are out of your reach now. They were left out.',
      }),
    roleLowered: (role: string) =>
      `The link asks for ${role}. A link gives no more than Viewer; choose more yourself, if it is needed.`,
    writeRefused:
      'The link asks for a token that may write. A link gives read-only tokens; change it yourself, if it is needed.',
  },
  risk: {
    levels: { low: 'Low risk', medium: 'Medium risk', high: 'High risk' },
    fine: 'It only reads, where you say, and ends by itself.',
    writesProduction: 'May change things on production.',
    destroys: 'May call tools that destroy.',
    writesForEver: 'May change things, and never ends.',
    writes: 'May change things.',
    endless: 'Never ends by itself.',
    grows: 'Reaches instances that do not exist yet.',
    many: (count: number) => `Reaches ${plural(count, { one: '# instance', other: '# instances' })}.`,
    long: 'Lives longer than half a year.',
  },
}
