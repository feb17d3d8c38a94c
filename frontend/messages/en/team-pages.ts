import { plural } from '../plural.ts'

export const teamPages = {
  instanceToolsPage: {
    allInstancesOf: (name: string) => `All instances of ${name}`,
    toolsOf: (name: string) => `Tools of ${name}`,
    whatItsMcpServers:
      'What its MCP servers offer to programs, and who may call it. Each tool asks for a role by its hints; a rule of the owners takes their place.',
    loadingTheTools: 'Loading the tools…',
    tools: (tools: number) => plural(tools, { one: '# tool', other: '# tools' }),
    toolsConfirmedByThe: (tools: number, formatRelative: string) =>
      `${plural(tools, { one: '# tool', other: '# tools' })}, confirmed by the instance ${formatRelative}.`,
    onlyOwnersCanChange: 'Only owners can change the rules.',
    anotherOwnerHasChanged:
      'Another owner has changed the rules since you opened this page, so nothing was saved. Your changes are kept: read the rules anew, look at what yours change of them now, and save again.',
    readTheRulesAnew: 'Read the rules anew',
    nothingIsChanged: 'Nothing is changed.',
    changesNotSavedYet: (changes: number) =>
      `${plural(changes, { one: '# change', other: '# changes' })} not saved yet.`,
    discardChanges: 'Discard changes',
    lookAtTheChanges: 'Look at the changes and save',
    leaveWithoutSavingThe: 'Leave without saving the rules?',
    leave: 'Leave',
    stay: 'Stay',
    changes: (changes: number) => plural(changes, { one: '# change', other: '# changes' }),
    changesWouldBeLost: (changes: number) =>
      `${plural(changes, { one: '# change', other: '# changes' })} would be lost.`,
    thisInstance: 'this instance',
    theRulesAreSaved: 'The rules are saved. They hold from the next call.',
    yourChangesAreDiscarded: 'Your changes are discarded.',
    theRulesAreRead: 'The rules are read anew. Your changes are on top of them.',
  },
  teamApprovalsPage: {
    approvals: 'Approvals',
    tokensThatWaitFor:
      'Tokens that wait for an owner before they reach instances marked as production. One owner decides, once.',
    loadingTheApprovals: 'Loading the approvals…',
    nobodyHasAskedFor: 'Nobody has asked for an approval',
    requestsComeOnce: 'Requests come once your {policy} wants them for production.',
    policy: 'policy',
    isApproved: (name: string) => `“${name}” is approved.`,
    isDenied: (name: string) => `“${name}” is denied.`,
    showMoreApprovals: 'Show more approvals',
  },
  teamAuditPage: {
    audit: 'Audit',
    whatHappenedToTokens:
      'What happened to tokens that reach this team, and to its rules for them. The newest is first.',
    loadingTheAuditLog: 'Loading the audit log…',
    entries: (entries: number) => plural(entries, { one: '# entry', other: '# entries' }),
    noEntryMatches: 'No entry matches',
    nothingHasHappenedYet: 'Nothing has happened yet',
    mintingRefusingAndRevoking: 'Minting, refusing and revoking tokens that reach this team leaves an entry here.',
    showOlderEntries: 'Show older entries',
  },
  teamCallsPage: {
    toolCalls: 'Tool calls',
    whoCalledWhichTool:
      'Who called which tool at the instances of this team, as the instances report it. The newest is first.',
    loadingTheCalls: 'Loading the calls…',
    noCallMatches: 'No call matches',
    noToolWasCalled: 'No tool was called yet',
    eachCallOfA: 'Each call of a tool with a token leaves an entry here, also one that is refused.',
    showOlderCalls: 'Show older calls',
  },
  teamOverviewPage: {
    loadingWhatIsIn: 'Loading what is in the team…',
  },
  teamPage: {
    loadingTheTeam: 'Loading the team…',
    onlyTheOwnersOf: 'Only the owners of the team see this',
    askOneOfThem: 'Ask one of them if you need to know something about tokens in this team.',
    team: 'Team',
    youAreInThis: (role: string) => `You are ${role} in this team.`,
    youSeeThisTeam: 'You see this team because you run the platform.',
  },
  teamPolicyPage: {
    policyForTokens: 'Policy for tokens',
    whatTokensMayDo:
      'What tokens may do in this team, whoever holds them. It is looked at when one is minted and at every use, so a change holds for tokens that exist already.',
    loadingThePolicy: 'Loading the policy…',
    savedHoldsFromTheNextUse: 'The policy is saved. It holds from the next use of any token.',
    discardChanges: 'Discard changes',
    saving: 'Saving…',
    savePolicy: 'Save policy',
    nothingIsChanged: 'Nothing is changed.',
    changesNotSavedYet: (changes: number) =>
      `${plural(changes, { one: '# change', other: '# changes' })} not saved yet.`,
    counting: 'Counting…',
    checkWhatThisChanges: 'Check what this changes',
    savedHoldsFromNow: 'The policy is saved. It holds from now on.',
    yourChangesAreDiscarded: 'Your changes are discarded.',
  },
  teamTokensPage: {
    noLongerWorks: (name: string, holder: string) => `“${name}” of ${holder} no longer works in this team.`,
    tokensThatReachThis: 'Tokens that reach this team',
    whoseProgramsCanAct:
      'Whose programs can act here, within what the person may do. What a token reaches in other teams is not shown.',
    loadingTheTokens: 'Loading the tokens…',
    tokens: (tokens: number) => plural(tokens, { one: '# token', other: '# tokens' }),
    moreTokensThan: (tokens: number) => `More than ${plural(tokens, { one: '# token', other: '# tokens' })}`,
    revokeAllOf: (name: string) => `Revoke all of ${name}`,
    noTokenMatches: 'No token matches',
    clearTheFilters: 'Clear the filters',
    noTokenReachesThis: 'No token reaches this team yet',
    membersMintTheirOwn: 'Members mint their own under “Access tokens”; those that reach this team are shown here.',
    showMoreTokens: 'Show more tokens',
    toolsOfOf: (name: string, holder: string) => `Tools of “${name}” of ${holder}`,
    whatItCanCall: 'What it can call in this team now, and what came or changed since it was minted.',
    close: 'Close',
    tokensOfRevokedFor: (tokens: number, name: string) =>
      `${plural(tokens, { one: '# token', other: '# tokens' })} of ${name} revoked for this team.`,
  },
  teamsPage: {
    teams: 'Teams',
    aTeamOwnsApplications:
      'A team owns applications, and these hold Node-RED instances. Your role in a team is what your tokens can be there.',
    createATeam: 'Create a team',
    loadingYourTeams: 'Loading your teams…',
    youAreInNo: 'You are in no team yet',
    createOneForYour: 'Create one for your instances, or ask the owner of a team to add you.',
    members: (members: number) => plural(members, { one: '# member', other: '# members' }),
    instances: (instances: number) => plural(instances, { one: '# instance', other: '# instances' }),
    suspended: 'Suspended',
    youAre: (what: string) => `You are ${what}`,
    youAreNoMember: 'You are no member',
    youBecomeItsOwner: 'You become its owner and can add people afterwards.',
    createTeam: 'Create team',
    name: 'Name',
    nameExample: 'Line 4',
    noName: 'Enter a name for the team.',
  },
}
