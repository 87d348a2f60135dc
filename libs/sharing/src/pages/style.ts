/** The one style sheet of the pages; its colours are those of the drive's own page. */
export const STYLE = `:root {
  color-scheme: light dark;
  --paper: #f6f7f9;
  --sheet: #fff;
  --ink: #1b2130;
  --soft: #586174;
  --line: #dfe3ea;
  --edge: #8590a3;
  --accent: #2f5bea;
  --on-accent: #fff;
  --tint: #e8eefe;
  --bad: #b3261e;
  --round: 12px;
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans JP', sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c;
    --sheet: #1c2027;
    --ink: #e9ecf2;
    --soft: #a5afc0;
    --line: #303744;
    --edge: #6d788b;
    --accent: #8fabff;
    --on-accent: #10162a;
    --tint: #232f52;
    --bad: #ff9a90;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: flex;
  flex-direction: column;
  color: var(--ink);
  background: var(--paper);
  overflow-wrap: anywhere;
}
main {
  width: 100%;
  max-width: 32rem;
  margin: auto;
  padding: 1rem;
}
.sheet {
  padding: 2rem;
  background: var(--sheet);
  border: 1px solid var(--line);
  border-radius: var(--round);
}
@media (max-width: 30rem) {
  .sheet { padding: 1.5rem 1.25rem; }
}
.mark {
  display: grid;
  place-items: center;
  width: 4rem;
  height: 4rem;
  margin: 0 0 1.25rem;
  color: var(--accent);
  background: var(--tint);
  border-radius: var(--round);
  font-size: 0.8125rem;
  font-weight: 650;
  letter-spacing: 0.04em;
}
.above { margin: 0; color: var(--soft); }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.3; font-weight: 650; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: 0.9375rem; }
.bad { color: var(--bad); font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1.25rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; }
label { display: block; margin: 0 0 0.375rem; font-weight: 600; }
input, button {
  width: 100%;
  min-height: 3rem;
  margin: 0 0 1rem;
  padding: 0.5rem 1rem;
  font: inherit;
  border-radius: var(--round);
}
input { color: inherit; background: var(--paper); border: 1px solid var(--edge); }
button { color: var(--on-accent); background: var(--accent); border: 0; font-size: 1.0625rem; font-weight: 600; cursor: pointer; }
button:hover { filter: brightness(1.08); }
button:active { filter: brightness(0.94); }
a { color: var(--accent); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary { color: var(--soft); font-size: 0.9375rem; cursor: pointer; }
code { display: block; margin-top: 0.5rem; font: 0.8125rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
[hidden] { display: none; }
footer { padding: 0 1rem 1.25rem; color: var(--soft); font-size: 0.875rem; text-align: center; }
@media (prefers-reduced-motion: no-preference) {
  button, a { transition: filter 0.15s; }
}
`;
