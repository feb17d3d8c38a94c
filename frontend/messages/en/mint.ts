import { plural } from '../plural.ts'

export const mint = {
  expiryPicker: {
    expires: 'Expires',
    asItIs: 'As it is',
    onADate: 'On a date',
    never: 'Never',
    lastDay: 'Last day',
    endsOn: (relative: string, zone: string) => `Ends ${relative}, on {moment}, ${zone} time.`,
    endsOnInUtc: (relative: string, zone: string, utc: string) =>
      `Ends ${relative}, on {moment}, ${zone} time (${utc}).`,
    livesUntilYouRevoke: 'Lives until you revoke it. A token that ends by itself is safer when it is forgotten.',
    everyTeamThatIt: 'Every team that it reaches allows it to live without an end.',
  },
  mintForm: {
    cancel: 'Cancel',
    minting: 'Minting…',
    mintToken: 'Mint token',
  },
  previewPanel: {
    whatItWillBe: 'What it will be worth',
    anInstance: 'An instance',
    production: 'Production',
    notYet: (summary: string) => `Not yet: ${summary}`,
    andMore: (more: number) => `And ${more} more.`,
    readOnly: (role: string) => `${role}, read-only`,
  },
  reachOption: {
    allOf: 'All of {name}',
    inPlace: (place: string) => `in ${place}`,
    production: 'Production',
    includedWithAllOf: (includedIn: string) => `Included with all of ${includedIn}`,
    youAre: (what: string) => `you are ${what}`,
  },
  reachPicker: {
    whatItMayReach: 'What it may reach',
    aWholeApplicationOr: 'A whole application or team includes the instances that are created there later.',
    chosen: 'Chosen',
    remove: (name: string) => `Remove ${name}`,
    allOf: (name: string) => `All of ${name}`,
    searchTeamsApplicationsAnd: 'Search teams, applications and instances',
    nothingIsCalled: (what: string) => `Nothing is called “${what}”.`,
    andMoreSearchTo: (hidden: string) => `And ${hidden} more. Search to find them.`,
  },
  readOnlySwitch: {
    readOnly: 'Read-only',
    onlyToolsThatAre: 'Only tools that are marked as read-only, and only GET and HEAD on plain HTTP endpoints.',
  },
  rolePicker: {
    roleAtMost: 'Role, at most',
    itIsNeverMore: 'Never more than you are yourself, now or later: when your own role goes down, so does the token’s.',
  },
  tokenFieldset: {
    name: 'Name',
    whatUsesItAnd: 'What uses it and where, so that you know later which one to revoke.',
    nameExample: 'Claude Code on my laptop',
    description: 'Description',
    descriptionExample: 'Reads the line metrics every morning.',
    whyItIsNeeded: 'Why it is needed on production',
    anOwnerOfReads: (teams: readonly string[]) => `An owner of ${teams.join(' and one of ')} reads this and decides.`,
    reasonExample: 'The night shift reads the packer through Claude.',
  },
  tokenSummary: {
    thisToken: 'This token',
    actsAsYouAs: (role: string) => `Acts as you, as ${role} at most.`,
    alsoReachesEveryInstance: (what: string) => `Also reaches every instance that is created later in ${what}.`,
    thinkTwiceBeforeAn: 'Think twice before an agent holds this.',
    worksOnProductionOnce: (team: string) => `Works on production once an owner of ${team} approves it.`,
    neverEndsByItself: 'Never ends by itself.',
    endsOn: (endsAt: string, endsAt2: string) => `Ends ${endsAt}, on ${endsAt2}.`,
    reachesNothingYet: 'Reaches nothing yet.',
    reachesToday: (instances: number) =>
      plural(instances, { one: 'Reaches one instance today.', other: 'Reaches # instances today.' }),
  },
}
