// A plot of a few lines as SVG. Its x axis has the given values at equal distances, which for powers is logarithmic.
const SIZE = { width: 640, height: 320 };
const FRAME = { left: 64, right: 20, top: 44, bottom: 76 };
const COLOURS = ['#1f6feb', '#d1711c', '#2a8a3e'];
const GREY = '#777';

/**
 * @typedef {{ label: string, values: number[], every?: number }} Axis whose every so manieth value is written
 * @param {object} options
 * @param {string} options.title
 * @param {Axis} options.x
 * @param {{ name: string, values: number[] }[]} options.lines each with a value for each x
 * @param {{ name: string, value: number }} [options.level] holds for every x
 */
export function plot({ title, x, lines, level }) {
  const values = [...lines.flatMap((line) => line.values), level?.value ?? 0];
  const top = niceAbove(Math.max(...values));
  const toX = (index) => FRAME.left + (index * (SIZE.width - FRAME.left - FRAME.right)) / (x.values.length - 1);
  const toY = (value) => SIZE.height - FRAME.bottom - (value / top) * (SIZE.height - FRAME.top - FRAME.bottom);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#fff"/>`,
    text(FRAME.left, 24, title, 'font-size="15"'),
    ...axes(x, top, toX, toY),
    ...lines.flatMap(({ values: points }, index) => curve(points, COLOURS[index], toX, toY)),
    ...(level ? [ruler(toY(level.value), GREY, 'stroke-dasharray="6 4"')] : []),
    ...legend(lines, level),
    '</svg>',
    '',
  ].join('\n');
}

/** @param {Axis} x @param {number} top */
function axes(x, top, toX, toY) {
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  return [
    ...steps.flatMap((value) => [
      ruler(toY(value), '#ddd'),
      text(FRAME.left - 8, toY(value) + 4, number(value), 'text-anchor="end"'),
    ]),
    ...x.values.flatMap((value, index) =>
      (index + 1) % (x.every ?? 1) === 0
        ? [text(toX(index), SIZE.height - FRAME.bottom + 18, number(value), 'text-anchor="middle"')]
        : [],
    ),
    text((FRAME.left + SIZE.width) / 2, SIZE.height - FRAME.bottom + 38, x.label, 'text-anchor="middle"'),
  ];
}

function curve(values, colour, toX, toY) {
  const points = values.map((value, index) => [toX(index).toFixed(1), toY(value).toFixed(1)]);
  return [
    `<polyline points="${points.map(String).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
  ];
}

function legend(lines, level) {
  const names = lines.map(({ name }, index) => [name, COLOURS[index]]);
  if (level) names.push([`${level.name} (dashed)`, GREY]);
  return names.map(([name, colour], index) =>
    text(FRAME.left + index * 180, SIZE.height - 12, name, `fill="${colour}" font-weight="bold"`),
  );
}

function ruler(y, colour, more = '') {
  return `<line x1="${FRAME.left}" x2="${SIZE.width - FRAME.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="${colour}" ${more}/>`;
}

function text(x, y, content, more = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${content}</text>`;
}

const number = (value) =>
  value >= 1 || value === 0
    ? value.toLocaleString('en', { maximumFractionDigits: 1 })
    : String(Number(value.toFixed(3)));

/** The next of 1, 2, 4, 5, 8 times a power of ten. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8].find((step) => step * power >= value) ?? 10) * power;
}
