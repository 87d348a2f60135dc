import type { Words } from './words.js';

export const fr: Words = {
  shared: 'Partagé avec vous',
  size: 'Taille',
  openUntil: 'Ouvert jusqu’au',
  usesLeft: 'Il reste',
  times: { one: '{n} téléchargement', other: '{n} téléchargements' },
  download: 'Télécharger',
  takesOne:
    'Regarder cette page n’utilise rien. Le bouton utilise un téléchargement ; pendant 24 heures, vous pourrez ensuite l’interrompre et le reprendre.',
  resumable: 'Vous pouvez interrompre le téléchargement et le reprendre pendant 24 heures.',
  checksum: 'Somme de contrôle (SHA-256)',
  started: 'Votre téléchargement a commencé.',
  again: 'Il s’est interrompu ? Le reprendre',
  until: 'Possible jusqu’au {time}, sans rien utiliser de plus.',
  locked: 'Ce lien demande un mot de passe',
  lockedHint: 'La personne qui vous a envoyé le lien le connaît.',
  password: 'Mot de passe',
  wrongPassword: 'Ce n’est pas le bon mot de passe. Rien n’a été utilisé : réessayez.',
  toStart: 'Vers la page d’accueil',
  request: 'Requête {id}',
  explanations: {
    linkNotFound: {
      title: 'Il n’y a rien derrière ce lien',
      still: 'Il a peut-être été supprimé avec son fichier, ou une partie de l’adresse manque.',
      next: 'Vérifiez que l’adresse est complète, ou demandez un nouveau lien à la personne qui l’a envoyé.',
    },
    linkNotPublic: {
      title: 'Ce lien est fermé',
      still: 'Son propriétaire l’a fermé et peut le rouvrir. Rien n’a été utilisé.',
      next: 'Demandez à la personne qui l’a envoyé de l’ouvrir.',
    },
    linkSubnet: {
      title: 'Ce lien ne s’ouvre pas d’ici',
      still: 'Il ne s’ouvre que dans certains réseaux, par exemple celui d’un bureau. Rien n’a été utilisé.',
      next: 'Réessayez dans ce réseau ou par son VPN, ou demandez à la personne qui l’a envoyé.',
    },
    linkIp: {
      title: 'Ce lien ne s’ouvre pas d’ici',
      still: 'Il ne s’ouvre que pour certaines adresses Internet, et la vôtre n’en est pas. Rien n’a été utilisé.',
      next: 'Réessayez du bon endroit, ou demandez à la personne qui l’a envoyé.',
    },
    linkExpired: {
      title: 'Ce lien a expiré',
      still: 'Il était ouvert jusqu’à une date fixée par son propriétaire, et elle est passée.',
      next: 'Demandez un nouveau lien à la personne qui l’a envoyé.',
    },
    linkUsed: {
      title: 'Ce lien a déjà servi',
      still: 'Il donne son fichier une seule fois, et c’est fait.',
      next: 'Si c’était vous et que le téléchargement s’est interrompu, reprenez-le dans la liste des téléchargements de votre navigateur, dans les 24 heures. Sinon, demandez un nouveau lien.',
    },
    linkTtl: {
      title: 'Tous les téléchargements de ce lien sont utilisés',
      still: 'Son propriétaire avait fixé combien de fois il donne son fichier, et ce nombre est atteint.',
      next: 'Si l’un d’eux était le vôtre et s’est interrompu, reprenez-le dans la liste des téléchargements de votre navigateur, dans les 24 heures. Sinon, demandez un nouveau lien.',
    },
    tooManyRequests: {
      title: 'Trop d’essais',
      still: 'Quelqu’un dans votre réseau a essayé trop souvent, d’où une pause. Rien n’a été utilisé.',
      next: 'Attendez un moment, puis réessayez.',
    },
    notFound: {
      title: 'Il n’y a pas de page ici',
      still: 'L’adresse ne mène nulle part ; vos fichiers n’ont rien.',
      next: 'Vérifiez l’adresse, ou commencez à la page d’accueil.',
    },
    oidcFailed: {
      title: 'La connexion n’a pas marché',
      still: 'Vous n’êtes pas connecté. Vos fichiers sont en sécurité, et rien n’a changé.',
      next: 'Réessayez depuis la page d’accueil. Si cela se répète, demandez à la personne qui gère ce serveur : le journal dit pourquoi.',
    },
    oidcUnavailable: {
      title: 'Le service de connexion est injoignable',
      still: 'Le serveur lui-même fonctionne, et rien n’est perdu. Qui a un mot de passe peut s’en servir.',
      next: 'Réessayez dans une minute, ou connectez-vous avec votre mot de passe sur la page d’accueil.',
    },
    signUpClosed: {
      title: 'Vous n’avez pas encore de compte ici',
      still: 'Seul un administrateur de ce serveur crée de nouveaux comptes.',
      next: 'Demandez un compte à un administrateur. Si vous en avez déjà un, connectez-vous avec son mot de passe et associez-le sur la page du compte.',
    },
    identityTaken: {
      title: 'Cette connexion appartient à un autre compte',
      still: 'Rien n’a été associé.',
      next: 'Déconnectez-vous du service de connexion, ou utilisez cet autre compte.',
    },
    unavailable: {
      title: 'Le serveur ne peut pas répondre pour l’instant',
      still: 'Rien n’est perdu, et rien n’a été utilisé.',
      next: 'Réessayez dans une minute.',
    },
    fault: {
      title: 'Cela n’a pas marché',
      still: 'Le serveur n’a pas pu faire ce qui était demandé. Aucun fichier n’a été modifié.',
      next: 'Réessayez. Si cela se répète, donnez le numéro ci-dessous à la personne qui gère ce serveur.',
    },
  },
};
