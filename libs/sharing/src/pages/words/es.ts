import type { Words } from './words.js';

export const es: Words = {
  shared: 'Compartido contigo',
  size: 'Tamaño',
  openUntil: 'Abierto hasta',
  usesLeft: 'Quedan',
  times: { one: '{n} descarga', other: '{n} descargas' },
  download: 'Descargar',
  takesOne:
    'Ver esta página no gasta nada. El botón gasta una descarga; durante las 24 horas siguientes puedes pausarla y continuarla.',
  resumable: 'Puedes pausar la descarga y continuarla durante 24 horas.',
  checksum: 'Suma de comprobación (SHA-256)',
  started: 'Tu descarga ha comenzado.',
  again: '¿Se ha cortado? Continuarla',
  until: 'Es posible hasta el {time} y no gasta nada.',
  locked: 'Este enlace pide una contraseña',
  lockedHint: 'La conoce quien te envió el enlace.',
  password: 'Contraseña',
  wrongPassword: 'Esa no es la contraseña. No se ha gastado nada: inténtalo de nuevo.',
  toStart: 'A la página de inicio',
  request: 'Petición {id}',
  explanations: {
    linkNotFound: {
      title: 'No hay nada detrás de este enlace',
      still: 'Quizá se eliminó junto con su archivo, o falta una parte de la dirección.',
      next: 'Comprueba que la dirección esté completa, o pide un enlace nuevo a quien lo envió.',
    },
    linkNotPublic: {
      title: 'Este enlace está cerrado',
      still: 'Su propietario lo ha cerrado y puede volver a abrirlo. No se ha gastado nada.',
      next: 'Pide a quien lo envió que lo abra.',
    },
    linkSubnet: {
      title: 'Este enlace no se abre desde aquí',
      still: 'Solo se abre en ciertas redes, como la de una oficina. No se ha gastado nada.',
      next: 'Inténtalo en esa red o por su VPN, o pregunta a quien lo envió.',
    },
    linkIp: {
      title: 'Este enlace no se abre desde aquí',
      still: 'Solo se abre para ciertas direcciones de Internet, y la tuya no es una de ellas. No se ha gastado nada.',
      next: 'Inténtalo desde el lugar adecuado, o pregunta a quien lo envió.',
    },
    linkExpired: {
      title: 'Este enlace ha caducado',
      still: 'Estaba abierto hasta una fecha que puso su propietario, y ya ha pasado.',
      next: 'Pide un enlace nuevo a quien lo envió.',
    },
    linkUsed: {
      title: 'Este enlace ya se ha usado',
      still: 'Da su archivo una sola vez, y eso ya ha ocurrido.',
      next: 'Si fuiste tú y la descarga se cortó, continúala en la lista de descargas de tu navegador en un plazo de 24 horas. Si no, pide un enlace nuevo.',
    },
    linkTtl: {
      title: 'Se han gastado todas las descargas de este enlace',
      still: 'Su propietario puso cuántas veces da su archivo, y se ha llegado a ese número.',
      next: 'Si una de ellas era tuya y se cortó, continúala en la lista de descargas de tu navegador en un plazo de 24 horas. Si no, pide un enlace nuevo.',
    },
    tooManyRequests: {
      title: 'Demasiados intentos',
      still: 'Alguien de tu red lo ha intentado demasiadas veces, por eso hay una pausa. No se ha gastado nada.',
      next: 'Espera un rato e inténtalo de nuevo.',
    },
    notFound: {
      title: 'Aquí no hay ninguna página',
      still: 'La dirección no lleva a ninguna parte; a tus archivos no les pasa nada.',
      next: 'Comprueba la dirección, o empieza en la página de inicio.',
    },
    oidcFailed: {
      title: 'No se pudo iniciar sesión',
      still: 'No has iniciado sesión. Tus archivos están a salvo y nada ha cambiado.',
      next: 'Inténtalo de nuevo desde la página de inicio. Si se repite, pregunta a quien administra este servidor: el registro dice por qué.',
    },
    oidcUnavailable: {
      title: 'No se puede contactar con el servicio de inicio de sesión',
      still: 'El servidor funciona y no se ha perdido nada. Quien tenga una contraseña puede entrar con ella.',
      next: 'Inténtalo de nuevo en un minuto, o entra con tu contraseña en la página de inicio.',
    },
    signUpClosed: {
      title: 'Todavía no tienes una cuenta aquí',
      still: 'Solo un administrador de este servidor crea cuentas nuevas.',
      next: 'Pide una cuenta a un administrador. Si ya tienes una, entra con su contraseña y vincúlala en la página de la cuenta.',
    },
    identityTaken: {
      title: 'Ese inicio de sesión pertenece a otra cuenta',
      still: 'No se ha vinculado nada.',
      next: 'Cierra la sesión en el servicio de inicio de sesión, o usa esa otra cuenta.',
    },
    unavailable: {
      title: 'El servidor no puede responder ahora',
      still: 'No se ha perdido nada, y no se ha gastado nada.',
      next: 'Inténtalo de nuevo en un minuto.',
    },
    fault: {
      title: 'No ha funcionado',
      still: 'El servidor no ha podido hacer lo que se le pedía. No ha cambiado ningún archivo.',
      next: 'Inténtalo de nuevo. Si se repite, di el número de abajo a quien administra este servidor.',
    },
  },
};
