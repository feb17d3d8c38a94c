export const site = {
  dates: {
    justNow: 'just now',
    inLessThanAMinute: 'in less than a minute',
    inUtc: (moment: string) => `${moment} UTC`,
  },
  http: {
    noAnswer: 'The forge does not answer. Check your connection and try again.',
    somethingWentWrongOn: 'Something went wrong on this page. Reload it and try again.',
    theForgeCouldNot: (status: number) => `The forge could not answer (status ${status}). Try again in a moment.`,
  },
  app: {
    skipToTheContent: 'Skip to the content',
  },
  sessionEndedDialog: {
    userName: 'User name',
    password: 'Password',
    goTo: (name: string) => `Go to ${name}`,
    youGoAndKeep: (name: string) =>
      `You go to ${name}, and come back to this page. What you typed here comes back with you.`,
    youGoToAnd: (name: string) => `You go to ${name}, and come back to this page. What you typed here is lost.`,
    enterThePasswordOf: (username: string) =>
      `Enter the password of ${username} to go on; nothing that you typed is lost.`,
    whatYouAreDoing: (ask: string) =>
      `What you are doing gives a program power in your name, and you signed in a while ago. ${ask}`,
    confirmThatItIs: 'Confirm that it is you',
    cancel: 'Cancel',
    confirm: 'Confirm',
    confirming: 'Confirming…',
    yourSessionHasEnded: (ask: string) => `Your session has ended. ${ask}`,
    signInAgain: 'Sign in again',
    leaveThisPage: 'Leave this page',
    signIn: 'Sign in',
    signingIn: 'Signing in…',
  },
  signInFrame: {
    forge: 'Forge',
  },
  siteHeader: {
    forge: 'Forge',
    main: 'Main',
    accessTokens: 'Access tokens',
    teams: 'Teams',
    users: 'Users',
    singleSignOn: 'Single sign-on',
    accountOf: (name: string) => `Account of ${name}`,
    signOut: 'Sign out',
    backToFlowFuse: 'Back to FlowFuse',
  },
  flowFuse: {
    signInAtFlowFuse: 'Sign in at FlowFuse',
    whoYouAre: 'Who you are is FlowFuse’s business. Sign in there, in a new tab, then come back to this one.',
    goToFlowFuse: 'Go to FlowFuse',
    iHaveSignedIn: 'I have signed in',
    looking: 'Looking…',
    notSignedIn:
      'FlowFuse does not know you in this browser yet. Finish signing in there, with a new password or a second factor where it asks for one.',
    inANewTab: 'Sign in at FlowFuse in a new tab, then go on here; nothing that you typed is lost.',
    signOutAndIn: 'Sign out of FlowFuse in a new tab and in again, then go on here; nothing that you typed is lost.',
    goOn: 'Go on',
  },
}
