import type { Words } from './words.js';

export const en: Words = {
  shared: 'Shared with you',
  size: 'Size',
  openUntil: 'Open until',
  usesLeft: 'Downloads left',
  times: { one: '{n} download', other: '{n} downloads' },
  download: 'Download',
  takesOne:
    'Looking at this page uses nothing up. The button takes one download; for 24 hours after that you can pause it and go on.',
  resumable: 'You can pause the download and go on with it for 24 hours.',
  checksum: 'Checksum (SHA-256)',
  started: 'Your download has begun.',
  again: 'It broke off? Go on with it',
  until: 'This works until {time} and uses nothing up.',
  locked: 'This link asks for a password',
  lockedHint: 'Whoever sent you the link knows it.',
  password: 'Password',
  wrongPassword: 'That is not the password. Nothing was used up: try again.',
  toStart: 'To the start page',
  request: 'Request {id}',
  explanations: {
    linkNotFound: {
      title: 'There is nothing behind this link',
      still: 'It may have been deleted together with its file, or a part of the address is missing.',
      next: 'Check that the whole address was copied, or ask whoever sent it for a new link.',
    },
    linkNotPublic: {
      title: 'This link is closed',
      still: 'Its owner has closed it and can open it again. Nothing was used up.',
      next: 'Ask whoever sent it to open it.',
    },
    linkSubnet: {
      title: 'This link does not open from here',
      still: 'It opens only in certain networks, such as an office. Nothing was used up.',
      next: 'Try again in that network or over its VPN, or ask whoever sent the link.',
    },
    linkIp: {
      title: 'This link does not open from here',
      still: 'It opens only for certain internet addresses, and yours is not one of them. Nothing was used up.',
      next: 'Try again from the right place, or ask whoever sent the link.',
    },
    linkExpired: {
      title: 'This link has ended',
      still: 'It was open until a date that its owner had set, and that is past.',
      next: 'Ask whoever sent it for a new link.',
    },
    linkUsed: {
      title: 'This link has already been used',
      still: 'It gives its file exactly once, and that has happened.',
      next: 'If it was you and the download broke off, go on with it from the list of downloads of your browser, within 24 hours. Otherwise ask whoever sent it for a new link.',
    },
    linkTtl: {
      title: 'All downloads of this link are used up',
      still: 'Its owner had set how often it gives its file, and that number is reached.',
      next: 'If one of them was yours and broke off, go on with it from the list of downloads of your browser, within 24 hours. Otherwise ask whoever sent it for a new link.',
    },
    tooManyRequests: {
      title: 'Too many tries',
      still: 'Somebody in your network has tried too often, so we make a pause. Nothing was used up.',
      next: 'Wait a while, and then try again.',
    },
    notFound: {
      title: 'There is no page here',
      still: 'The address leads nowhere; nothing is wrong with your files.',
      next: 'Check the address, or begin at the start page.',
    },
    oidcFailed: {
      title: 'The log-in did not work',
      still: 'You are not logged in. Your files are safe, and nothing has changed.',
      next: 'Try again from the start page. If it happens again, ask whoever runs this drive: the log says why.',
    },
    oidcUnavailable: {
      title: 'The log-in service cannot be reached',
      still: 'The drive itself works, and nothing is lost. Whoever has a password can log in with it.',
      next: 'Try again in a minute, or log in with your password on the start page.',
    },
    signUpClosed: {
      title: 'You have no account here yet',
      still: 'New accounts are made only by an admin of this drive.',
      next: 'Ask an admin for an account. If you have one already, log in with its password and link it on the account page.',
    },
    identityTaken: {
      title: 'That log-in belongs to another account',
      still: 'Nothing was linked.',
      next: 'Log out at the log-in service, or use that other account.',
    },
    unavailable: {
      title: 'The drive cannot answer right now',
      still: 'Nothing is lost, and nothing was used up.',
      next: 'Try again in a minute.',
    },
    fault: {
      title: 'That did not work',
      still: 'The drive could not do what was asked. No file was changed by it.',
      next: 'Try again. If it happens again, tell whoever runs this drive the number below.',
    },
  },
};
