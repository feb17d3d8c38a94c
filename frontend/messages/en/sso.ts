import { plural } from '../plural.ts'

export const sso = {
  providerScim: {
    peopleAndGroupsBy: 'People and groups by SCIM',
    makeAnotherToken: 'Make another token',
    endScim: 'End SCIM',
    makeAScimToken: 'Make a SCIM token',
    theProviderTellsOf:
      'The provider tells of its people and groups by itself: whoever is disabled there, or taken out of a group, loses access here at once, without signing in.',
    loadingWhatScimSays: 'Loading what SCIM says…',
    baseAddressTenantUrl: 'Base address (tenant URL)',
    andSoFarThe: (users: number, groups: number) =>
      `${plural(users, { one: '# person', other: '# people' })} and ${plural(groups, { one: '# group', other: '# groups' })} so far. The token was made`,
    andUsed: 'and used',
    andNotUsedYet: 'and not used yet.',
    groupsComeByScim: 'Groups come by SCIM: what a sign-in says of groups does not count.',
    scimTokenOf: (name: string) => `SCIM token of “${name}”`,
    copyItNowIt: 'Copy it now: it cannot be shown again.',
    token: 'Token',
    iHaveStoredIt: 'I have stored it',
    makeAnotherToken2: 'Make another token?',
    theOneBeforeEnds: (name: string) =>
      `The one before ends at once: until ${name} has the new one, it can tell nothing.`,
    endScim2: 'End SCIM?',
    theTokenEndsAnd: (name: string) =>
      `The token ends, and what ${name} has told of people and groups is forgotten. Accounts, memberships and suspensions stay as they are. Groups are what a sign-in says from then on.`,
    scimIsEnded: 'SCIM is ended.',
  },
  linesField: {
    optional: 'optional',
  },
  providerFields: {
    issuerExample: 'https://acme.okta.com',
    name: 'Name',
    asPeopleReadIt: 'As people read it at the sign-in.',
    issuer: 'Issuer',
    clientId: 'Client id',
    clientSecret: 'Client secret',
    oneIsKeptLeave: 'One is kept. Leave this empty to keep it.',
    keptEncryptedAndNever: 'Kept encrypted, and never shown again.',
    eMailDomains: 'E-mail domains',
    oneALineWhoever: 'One a line. Whoever has an address there signs in through this provider.',
    teams: 'Teams',
    slugsOneALine:
      'Slugs, one a line. These teams are reached through this provider alone, and its groups give the roles in them.',
    scopes: 'Scopes',
    claimWithTheGroups: 'Claim with the groups',
    groupsBeginWith: 'Groups begin with',
    groupsEndWith: 'Groups end with',
    otherGroups: 'Other groups',
    besidesFfTeamRole:
      'Besides ff-<team>-<role> and ff-<team>[<application>]-<role>. One a line: Maintenance = line-4: member',
    takeItsEMail: 'Take its e-mail addresses as verified',
    onlyForAProvider: 'Only for a provider that verifies them and does not say so, such as Microsoft Entra.',
    makeAccountsAtThe: 'Make accounts at the first sign-in',
    tellInstancesTheGroups: 'Tell instances the groups that concern their team',
    peopleMaySignIn: 'People may sign in through it',
    tryItFirstDisabling: 'Try it first. Disabling it ends the sessions that came through it.',
  },
  providerTrial: {
    tryIt: 'Try it',
    tryThisProvider: 'Try this provider',
    youSignInThere: 'You sign in there, and see here what would come of it. Nobody is signed in here by it.',
    tried: 'Tried',
    withoutAnEMail: 'without an e-mail address',
    notVerified: 'not verified',
    userName: (name: string, username: string, what: string, what2: string, what3: string) =>
      `${name}, user name ${username}, ${what} (${what2}). ${what3}`,
    roles: 'Roles',
    inWord: (role: string, what: string) => `${role} in ${what}`,
    theirGroupsGiveThem: 'Their groups give them no role.',
    groupsThatMeanNothing: (what: string) => `Groups that mean nothing here: ${what}`,
    claims: 'Claims',
    theyHaveAnAccount: 'They have an account that is linked.',
    theirAccountWouldBe: 'Their account would be found by the e-mail address, and linked.',
    anAccountWouldBe: 'An account would be made.',
    theyWouldBeTurned: 'They would be turned away.',
    noAccess: 'No access',
  },
  signInReminder: {
    signInThrough: (name: string) => `Sign in through ${name}`,
    tokens: (tokens: number) => plural(tokens, { one: '# token', other: '# tokens' }),
    toLetTokensWork: (tokens: number) => ` to let ${plural(tokens, { one: '# token', other: '# tokens' })} work again.`,
    byToKeepTokens: (formatDate: string, tokens: number) =>
      ` by ${formatDate} to keep ${plural(tokens, { one: '# token', other: '# tokens' })}.`,
  },
  ssoSignIn: {
    looking: 'Looking…',
    signInThroughYour: 'Sign in through your organisation',
    typeYourEMail: 'Type your e-mail address above first.',
    noIdentityProviderIs: 'No identity provider is known here for this address. Sign in with your password.',
  },
}
