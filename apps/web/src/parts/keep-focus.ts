/**
 * Whoever goes by keyboard would find himself at the page's beginning where a button that he has pressed cannot have the focus any
 * more. One that cannot be pressed for a moment gets it back; of one that is gone the first of its section has it then, or, where
 * that is gone, too, the main part of the page. Unless it has gone elsewhere meanwhile.
 */
export function keepFocus(): void {
  const give = (to: HTMLElement | null | undefined) => {
    if (document.activeElement === document.body) to?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(([change]) => {
    const button = change!.target as HTMLButtonElement;
    if (!button.disabled) give(button);
  });
  const pressed = ({ target }: Event) => {
    const button = (target as Element).closest('button');
    const section = button?.closest('section');
    observer.disconnect();
    if (!button) return;
    observer.observe(button, { attributeFilter: ['disabled'] });
    setTimeout(() => {
      if (!button.isConnected)
        give(section?.isConnected ? section.querySelector('button') : document.querySelector('main'));
    });
  };
  // Before what the button does, which may take it away.
  document.addEventListener('click', pressed, { capture: true });
}
