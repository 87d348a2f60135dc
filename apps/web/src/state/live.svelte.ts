/** What a screen reader says aloud, beside what is to be seen. */
class Live {
  text = $state('');

  say(text: string): void {
    // The same text twice is said twice only if it was away in between.
    this.text = '';
    setTimeout(() => (this.text = text), 50);
  }
}

export const live = new Live();
