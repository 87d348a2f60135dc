/**
 * A button that has been pressed and cannot be again for a moment loses the focus, and whoever goes by keyboard would find himself
 * at the page's beginning. It gets the focus back once it can be pressed, unless that has gone elsewhere meanwhile.
 */
export function keepFocus(): void {
  const observer = new MutationObserver(([change]) => {
    const button = change!.target as HTMLButtonElement;
    if (!button.disabled && document.activeElement === document.body) button.focus({ preventScroll: true });
  });
  document.addEventListener('click', ({ target }) => {
    const button = (target as Element).closest('button');
    observer.disconnect();
    if (button) observer.observe(button, { attributeFilter: ['disabled'] });
  });
}
