// A result as a line for the terminal.
const WIDTHS = [66, 17, 10, 5];

export function heading() {
  return layOut('measured', 'ratio', 'goal', 'holds');
}

/** E.g. `DELETE, 16 clients : floor     1.31 ± 0.05     ≥ 1.2    yes`. */
export function line({ name, ratio, spread, goal, better, holds }) {
  return layOut(name, `${ratio} ± ${spread}`, `${better === 'higher' ? '≥' : '≤'} ${goal}`, holds ? 'yes' : 'no');
}

function layOut(...cells) {
  return cells.map((cell, index) => cell.padEnd(WIDTHS[index])).join(' ');
}
