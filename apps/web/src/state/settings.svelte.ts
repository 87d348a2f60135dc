/** What a person chose on this device; nothing else is kept in localStorage. */
export type Theme = 'auto' | 'light' | 'dark';

function read(key: string): string | null {
  try {
    return localStorage.getItem(`defdrive.${key}`);
  } catch {
    // Storage is switched off: the choice holds until the page is closed.
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`defdrive.${key}`, value);
  } catch {
    // As above.
  }
}

class Settings {
  theme = $state<Theme>('auto');
  /** Empty: as the browser says. */
  language = $state('');
  sort = $state('-createdAt');

  constructor() {
    const theme = read('theme');
    if (theme === 'light' || theme === 'dark') this.theme = theme;
    this.language = read('language') ?? '';
    this.sort = read('sort') ?? '-createdAt';
    this.showTheme();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep('theme', theme);
    this.showTheme();
  }

  setLanguage(language: string): void {
    this.language = language;
    keep('language', language);
  }

  setSort(sort: string): void {
    this.sort = sort;
    keep('sort', sort);
  }

  private showTheme(): void {
    if (this.theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }
}

export const settings = new Settings();
