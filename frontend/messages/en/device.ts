export const device = {
  deviceClient: {
    code: 'Code',
    askedFrom: 'Asked from',
    asksTo: 'Asks to',
    read: 'read',
    readAndChange: 'read and change',
    outOfYourReach: 'Out of your reach',
    theCommandOfThis: 'The command of this forge. Anybody can run it, at any machine.',
    registeredByTheOwners: 'Registered by the owners of a team; it may reach that team alone.',
    itSaysSoItself: (host: string) => `It says so itself, at ${host}.`,
  },
  deviceCodeForm: {
    code: 'Code',
    compareItLetterBy: 'Compare it, letter by letter, with the one that the program shows.',
    eightLettersAsShown: 'Eight letters, as shown there.',
    codeExample: 'WDJB-MJHT',
    looking: 'Looking…',
    itIsTheSame: 'It is the same: go on',
    goOn: 'Go on',
    enterTheCodeThat: 'Enter the code that the program shows.',
  },
  deviceDecision: {
    approving: 'Approving…',
    approve: 'Approve',
    deny: 'Deny',
    enterAnotherCode: 'Enter another code',
  },
  devicePage: {
    goBackToThe: 'Go back to the program',
    getsItsTokenWithin: (name: string) =>
      `${name} gets its token within seconds. You find it among your tokens, where you can revoke it at any time.`,
    myTokens: 'My tokens',
    youHaveSaidNo: 'You have said no',
    getsNothingYouCan: (name: string) => `${name} gets nothing. You can close this page.`,
    enterAnotherCode: 'Enter another code',
    letAProgramIn: 'Let a program in',
    aProgramWithoutA:
      'A program without a browser, such as a command in a terminal, shows a code. Here you say what it may do in your name.',
    goOnOnlyIf:
      'Go on only if you have started the program yourself, just now. If somebody sent you this code or a link to this page, they are after your access: close the page.',
  },
}
