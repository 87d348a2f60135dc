import type { Words } from './words.js';

export const de: Words = {
  shared: 'Für dich freigegeben',
  size: 'Größe',
  openUntil: 'Offen bis',
  usesLeft: 'Noch übrig',
  times: { one: '{n} Download', other: '{n} Downloads' },
  download: 'Herunterladen',
  takesOne:
    'Diese Seite anzusehen verbraucht nichts. Der Knopf verbraucht einen Download; danach kannst du ihn 24 Stunden lang anhalten und fortsetzen.',
  resumable: 'Du kannst den Download 24 Stunden lang anhalten und fortsetzen.',
  checksum: 'Prüfsumme (SHA-256)',
  started: 'Dein Download hat begonnen.',
  again: 'Abgebrochen? Hier geht es weiter',
  until: 'Das geht bis {time} und verbraucht nichts.',
  locked: 'Dieser Link fragt nach einem Passwort',
  lockedHint: 'Wer dir den Link geschickt hat, kennt es.',
  password: 'Passwort',
  wrongPassword: 'Das ist nicht das Passwort. Es wurde nichts verbraucht: Versuch es noch einmal.',
  toStart: 'Zur Startseite',
  request: 'Anfrage {id}',
  explanations: {
    linkNotFound: {
      title: 'Hinter diesem Link ist nichts',
      still: 'Vielleicht wurde er zusammen mit seiner Datei gelöscht, oder ein Teil der Adresse fehlt.',
      next: 'Prüfe, ob die ganze Adresse kopiert wurde, oder bitte um einen neuen Link.',
    },
    linkNotPublic: {
      title: 'Dieser Link ist geschlossen',
      still: 'Wer ihn gemacht hat, hat ihn geschlossen und kann ihn wieder öffnen. Es wurde nichts verbraucht.',
      next: 'Bitte darum, ihn zu öffnen.',
    },
    linkSubnet: {
      title: 'Von hier aus öffnet sich dieser Link nicht',
      still: 'Er öffnet sich nur in bestimmten Netzen, etwa einem Büro. Es wurde nichts verbraucht.',
      next: 'Versuch es in diesem Netz oder über dessen VPN, oder frag nach.',
    },
    linkIp: {
      title: 'Von hier aus öffnet sich dieser Link nicht',
      still:
        'Er öffnet sich nur für bestimmte Internetadressen, und deine ist keine davon. Es wurde nichts verbraucht.',
      next: 'Versuch es vom richtigen Ort aus, oder frag nach.',
    },
    linkExpired: {
      title: 'Dieser Link ist abgelaufen',
      still: 'Er war bis zu einem festgelegten Tag offen, und der ist vorbei.',
      next: 'Bitte um einen neuen Link.',
    },
    linkUsed: {
      title: 'Dieser Link wurde schon benutzt',
      still: 'Er gibt seine Datei genau einmal her, und das ist geschehen.',
      next: 'Warst du es und der Download brach ab, dann setze ihn binnen 24 Stunden in der Downloadliste deines Browsers fort. Sonst bitte um einen neuen Link.',
    },
    linkTtl: {
      title: 'Alle Downloads dieses Links sind verbraucht',
      still: 'Es war festgelegt, wie oft er seine Datei hergibt, und diese Zahl ist erreicht.',
      next: 'War einer davon deiner und brach ab, dann setze ihn binnen 24 Stunden in der Downloadliste deines Browsers fort. Sonst bitte um einen neuen Link.',
    },
    tooManyRequests: {
      title: 'Zu viele Versuche',
      still: 'Jemand in deinem Netz hat es zu oft versucht, darum eine Pause. Es wurde nichts verbraucht.',
      next: 'Warte eine Weile und versuch es dann noch einmal.',
    },
    notFound: {
      title: 'Hier ist keine Seite',
      still: 'Die Adresse führt nirgendwohin; mit deinen Dateien ist alles in Ordnung.',
      next: 'Prüfe die Adresse, oder beginne auf der Startseite.',
    },
    oidcFailed: {
      title: 'Die Anmeldung hat nicht geklappt',
      still: 'Du bist nicht angemeldet. Deine Dateien sind sicher, und nichts hat sich geändert.',
      next: 'Versuch es von der Startseite aus noch einmal. Geschieht es wieder, dann frag den Betreiber: Im Protokoll steht der Grund.',
    },
    oidcUnavailable: {
      title: 'Der Anmeldedienst ist nicht erreichbar',
      still: 'Der Server selbst arbeitet, und nichts ist verloren. Wer ein Passwort hat, kann sich damit anmelden.',
      next: 'Versuch es in einer Minute noch einmal, oder melde dich auf der Startseite mit deinem Passwort an.',
    },
    signUpClosed: {
      title: 'Du hast hier noch kein Konto',
      still: 'Neue Konten legt nur ein Admin dieses Servers an.',
      next: 'Bitte einen Admin um ein Konto. Hast du schon eines, dann melde dich mit seinem Passwort an und verknüpfe es auf der Kontoseite.',
    },
    identityTaken: {
      title: 'Diese Anmeldung gehört zu einem anderen Konto',
      still: 'Es wurde nichts verknüpft.',
      next: 'Melde dich beim Anmeldedienst ab, oder benutze das andere Konto.',
    },
    unavailable: {
      title: 'Der Server kann gerade nicht antworten',
      still: 'Es ist nichts verloren, und es wurde nichts verbraucht.',
      next: 'Versuch es in einer Minute noch einmal.',
    },
    fault: {
      title: 'Das hat nicht geklappt',
      still: 'Der Server konnte nicht tun, worum er gebeten wurde. Keine Datei wurde dadurch verändert.',
      next: 'Versuch es noch einmal. Geschieht es wieder, dann nenne dem Betreiber die Nummer unten.',
    },
  },
};
