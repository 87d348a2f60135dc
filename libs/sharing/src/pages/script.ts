/**
 * What the link page does better with script: times in the visitor's own time zone, a wrong password said in place, and
 * after the button a way to go on with a download that broke off. Without it the form does its work alone. Any other
 * refusal is left to the form, whose answer is a page that explains it.
 */
export const SCRIPT = `'use strict';
const { lang } = document.documentElement;
const moment = (time) => new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(time));
for (const time of document.querySelectorAll('time')) time.textContent = moment(time.dateTime);

const form = document.querySelector('form');
const done = document.querySelector('[data-done]');
if (form && done) form.addEventListener('submit', use);

async function use(event) {
  event.preventDefault();
  const button = form.querySelector('button');
  if (button.disabled) return;
  button.disabled = true;
  try {
    const { password } = form.elements;
    const response = await fetch(form.action, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(password ? { password: password.value } : {}),
    });
    if (response.ok) begin(await response.json());
    else if (response.status === 401 && password) refuse(password);
    else form.submit();
  } catch {
    form.submit();
  } finally {
    button.disabled = false;
  }
}

function begin({ content, expiresAt }) {
  const again = done.querySelector('a');
  again.href = new URL('content' + content.slice(content.indexOf('?')), form.action).href;
  const until = done.querySelector('[data-until]');
  until.textContent = until.textContent.replace('{time}', moment(expiresAt));
  form.hidden = true;
  done.hidden = false;
  done.focus();
  location.assign(again.href);
}

function refuse(password) {
  const wrong = form.querySelector('[data-wrong]');
  wrong.hidden = false;
  password.setAttribute('aria-invalid', 'true');
  password.select();
}
`;
