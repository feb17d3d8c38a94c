import { formatNumber } from '../locale.ts'
import { plural } from '../plural.ts'

export const tokens = {
  useTokenActs: {
    theFamilyIsRevoked: (name: string) => `“${name}” and all of its family are revoked.`,
    theOldHasEnded: (name: string) => `The old “${name}” has ended. Only the new one works now.`,
  },
  alarmNote: {
    theReplacedTokenWas: (name: string) => `The replaced token “${name}” was used after its end`,
    when: 'When',
    where: 'Where',
    clientAsItCalls: 'Client, as it calls itself',
    unknown: 'Unknown',
    itWasRefusedAnd:
      'It was refused, and the token that replaced it still works. Did you forget to give a client the new one? If not, somebody has a copy, and may have had it before you replaced it.',
    itWasMeNamed: (name: string) => `It was me: ${name}`,
    itWasMe: 'It was me',
    revokeTheFamilyNamed: (name: string) => `Revoke the whole family: ${name}`,
    revokeTheWholeFamily: 'Revoke the whole family',
    notAtAnInstance: 'Not at an instance: the forge itself was asked who it is',
    anInstanceThatIs: 'An instance that is gone',
  },
  approvalNotes: {
    approvals: 'Approvals',
    aTeamThatIs: 'a team that is gone',
    worksOnProductionOnce: (approval: string) => `Works on production once an owner of ${approval} approves it.`,
    approvedByTeam: (approval: string) => `An owner of ${approval} has approved it for production.`,
    refusedByTeam: (approval: string) => `An owner of ${approval} has refused it for production. It works elsewhere.`,
    waiting: 'Waiting',
    approved: 'Approved',
    refused: 'Refused',
  },
  changeList: {
    whatChanges: 'What changes',
    nothingYet: 'Nothing yet.',
    morePowerIsLike: 'More power is like minting: the same checks, and you may be asked to confirm that it is you.',
    lessPowerIsFree: 'Less power is free, and counts at the next use.',
    words: 'Words',
    less: 'Less',
    more: 'More',
  },
  editForm: {
    itAlsoNamesWhat: (what: string) =>
      `It also names what you do not reach now: ${what}. That goes when you change its reach.`,
    saving: 'Saving…',
    saveChanges: 'Save changes',
    cancel: 'Cancel',
  },
  revocationNote: {
    isRevoked: (name: string) => `“${name}” is revoked.`,
    isRevokedForTeam: (name: string, holder: string) => `“${name}” of ${holder} is revoked for this team.`,
    areRevokedForTeam: (count: number, holder: string) =>
      `${plural(count, { one: '# token', other: '# tokens' })} of ${holder} ${plural(count, { one: 'is', other: 'are' })} revoked for this team.`,
    asking: 'Asking the instances…',
    unknown: 'Which instances know of it could not be asked. They find out within 30 seconds.',
    confirmedSoFar: (confirmed: number, of: number) =>
      `Confirmed by ${formatNumber(confirmed)} of ${plural(of, { one: '# instance', other: '# instances' })} so far.`,
    confirmedByAll: (confirmed: number, of: number, seconds: number) =>
      `Confirmed by ${formatNumber(confirmed)} of ${plural(of, { one: '# instance', other: '# instances' })} in ${formatNumber(seconds)} s.`,
    othersWereTold: (count: number) =>
      plural(count, {
        one: '# instance was told and has not confirmed. It finds out within 30 seconds by itself.',
        other: '# instances were told and have not confirmed. They find out within 30 seconds by themselves.',
      }),
    cannotConfirm: (count: number) =>
      plural(count, {
        one: '# instance was told, but is too old to confirm.',
        other: '# instances were told, but are too old to confirm.',
      }),
    offline: (count: number) =>
      plural(count, {
        one: '# instance is not connected. It finds out within 10 seconds.',
        other: '# instances are not connected. They find out within 10 seconds.',
      }),
    allOffline: (count: number) =>
      plural(count, {
        one: 'The instance concerned is not connected. It finds out within 10 seconds.',
        other: 'None of the # instances concerned is connected. They find out within 10 seconds.',
      }),
    nobodyConcerned: 'There is no instance that has to be told.',
    dismiss: 'Close what instances say of the revocation',
  },
  endDialog: {
    oneMoment: 'One moment…',
    notNow: 'Not now',
    endTheOldNow: (name: string) => `End the old “${name}” now?`,
    endItNow: 'End it now',
    everyClientThatStill:
      'Every client that still uses the old token is refused from now on. The new one goes on working.',
    askToRevokeTheFamily: (name: string) => `Revoke the whole family of “${name}”?`,
    revokeTheWholeFamily: 'Revoke the whole family',
    theNewTokenAnd:
      'The new token, and all that were replaced on the way to it, are refused everywhere from now on. This cannot be undone.',
    mintANewToken: 'Mint a new token afterwards for each program that needs one.',
  },
  explainForm: {
    thereIsNoInstance: 'There is no instance to ask about yet.',
    atWhichInstance: 'At which instance?',
    inItsReach: 'In its reach',
    elsewhere: 'Elsewhere',
    toDoWhat: 'To do what?',
    asking: 'Asking…',
  },
  explanationView: {
    allowed: 'Allowed',
    refused: 'Refused',
    anInstanceThatYou: 'An instance that you do not see',
    whatWasLookedAt: 'What was looked at, in this order',
    yes: 'Yes',
    no: 'No',
    theFirstRuleThat: 'The first rule that does not hold refuses; none is looked at after it.',
    goodForMcpEndpoints: 'Good for MCP endpoints there, and for no other address.',
  },
  replaceForm: {
    whenDoesTheOld: 'When does the old one end?',
    whyItIsNeeded: 'Why it is needed on production',
    anOwnerOfThe: 'An owner of the team reads this and decides.',
    theOldOneNever:
      'The old one never outlives its own expiry. If somebody uses it after its end, it is refused and you are told.',
    cancel: 'Cancel',
    replacing: 'Replacing…',
    replaceToken: 'Replace token',
  },
  revokeDialog: {
    revoke: (name: string) => `Revoke “${name}”?`,
    revoking: 'Revoking…',
    revokeToken: 'Revoke token',
    keepIt: 'Keep it',
    everyClientThatUses: 'Every client that uses this token is refused from now on. This cannot be undone.',
    itStopsWorkingFor: 'It stops working for:',
    itHasNeverBeen: 'It has never been used.',
    anInstanceThatIs: 'an instance that is gone',
    itWasLastUsed: (at: string, where: string, at2: string) => `It was last used ${at} at ${where} (${at2}).`,
  },
  rotationNote: {
    worksUntilFirstUse: 'Being replaced; works until the new one is first used.',
    worksUntil: (moment: string) => `Being replaced; works until ${moment}.`,
    worksUntilAtTheLatest: (moment: string) =>
      `Being replaced; works until the new one is first used, at the latest until ${moment}.`,
    itWasReplacedBy: 'It was replaced by a new one.',
    goToTheNew: 'Go to the new one, {start}',
    endItNowNamed: (token: string) => `End it now: ${token}`,
    endItNow: 'End it now',
    momentAndSpan: (moment: string, relative: string) => `${moment} (${relative})`,
  },
  stateBadge: {
    active: 'Active',
    beingReplaced: 'Being replaced',
    replaced: 'Replaced',
    expired: 'Expired',
    revoked: 'Revoked',
  },
  tokenGone: {
    thisTokenHasBeen: 'This token has been replaced already',
    thisTokenHasEnded: 'This token has ended',
    goOnWithThe: 'Go on with the one that replaced it.',
    whatHasEndedStays: 'What has ended stays as it is. Mint a new one instead.',
    mintAToken: 'Mint a token',
    goToTheList: 'Go to the list',
  },
  tokensEmpty: {
    youHaveNoAccess: 'You have no access tokens yet',
    aTokenLetsA:
      'A token lets a program act as you, but only where you allow it. Give one to an MCP client such as Claude Code, VS Code or Cursor, or to a script, and your Node-RED instances know who is calling and what they may do.',
    mintAToken: 'Mint a token',
    forTheInstancesThat: '{what} for the instances that it needs, with as little power as will do.',
    putItIntoYour: 'Put it into your client',
    youGetAReady: '{what}: you get a ready config for each.',
    revokeItHere: 'Revoke it here',
    wheneverYouLikeIt: '{what} whenever you like. It stops working at once.',
    mintYourFirstToken: 'Mint your first token',
  },
}
