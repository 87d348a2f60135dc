// One run: which rows are wanted, how long each takes, and what came out.
import { median, spread } from './statistics.mjs';

/** How long a run takes. Seconds are those of one round of one side; counts are scaled. */
export const FORMS = {
  full: { name: 'full', rounds: 5, seconds: 3, scale: 1, curves: true, files: [1e3, 1e4, 1e5, 1e6] },
  quick: { name: 'quick', rounds: 2, seconds: 1, scale: 0.1, curves: false, files: [1e3, 2e4] },
};

/**
 * @typedef {{ name: string, goal: number, better: 'higher' | 'lower', needs: string[], full: boolean, processors: number }} Row
 * @typedef {() => number | Promise<number>} Side
 * @typedef {{ name: string, ratio: number, spread: number, goal: number, better: string, holds: boolean }} Result
 */

/**
 * A row whose ratio should be high (default) or low.
 * @param {string} name @param {number} goal
 * @param {{ better?: 'higher' | 'lower', needs?: string[], full?: boolean, processors?: number }} options what it needs, by the
 * names of `engines.mjs`, whether it is for the full form only, and how many processors it takes
 * @returns {Row}
 */
export const row = (name, goal, { better = 'higher', needs = [], full = false, processors = 1 } = {}) => ({
  name,
  goal,
  better,
  needs,
  full,
  processors,
});

export class Bench {
  /** @type {Result[]} */
  results = [];
  /** By name. @type {Record<string, object>} */
  curves = {};
  #wanted;
  #print;

  /**
   * @param {typeof FORMS.full} form @param {string} directory
   * @param {(row: Row) => boolean} wanted tells whether a row is to be measured @param {(result: Result) => void} print
   */
  constructor(form, directory, wanted, print) {
    this.form = form;
    this.directory = directory;
    this.#wanted = wanted;
    this.#print = print;
  }

  /** @param {Row[]} rows */
  wants(...rows) {
    return rows.some((one) => this.#wanted(one));
  }

  /** So many of something, in proportion to the form; at least one for each client. */
  count(full, clients = 1) {
    return Math.max(clients, Math.round(full * this.form.scale));
  }

  /**
   * Measures two sides in turn, A B, B A, A B …, and records the ratios A / B of the rounds. One round before them warms
   * both up.
   * @param {Row} one @param {Side} a @param {Side} b each gives a figure, such as requests per second
   */
  async compare(one, a, b) {
    if (!this.wants(one)) return;
    const ratios = [];
    for (let round = 0; round <= this.form.rounds; round += 1) {
      const figures = new Map();
      for (const side of round % 2 === 0 ? [a, b] : [b, a]) figures.set(side, await side());
      if (round > 0) ratios.push(figures.get(a) / figures.get(b));
    }
    this.record(one, ratios);
  }

  /** Measures something that is a ratio, or a figure with a goal of its own, in itself. @param {Row} one @param {Side} measure */
  async repeat(one, measure) {
    if (!this.wants(one)) return;
    const values = [];
    for (let round = 0; round <= this.form.rounds; round += 1) {
      const value = await measure();
      if (round > 0) values.push(value);
    }
    this.record(one, values);
  }

  /**
   * Measures one side at several numbers of clients, for a plot, between measurements of the floor; in the full form only.
   * @param at gives requests per second with so many clients @param floor gives its own
   */
  async curve(name, at, floor) {
    if (!this.form.curves) return;
    const clients = [1, 2, 4, 8, 16, 32];
    const drive = [];
    const floors = [];
    for (const count of clients) {
      floors.push(await floor());
      drive.push(median([await at(count), await at(count), await at(count)]));
    }
    this.curves[name] = { clients, drive: drive.map(rounded), floor: rounded(median(floors)) };
  }

  /**
   * Measures a latency at several numbers of files, for a plot; in the full form only.
   * @param {string} name @param {number[]} files @param {(index: number) => Promise<number>} at gives the median in milliseconds
   */
  async latencies(name, files, at) {
    if (!this.form.curves) return;
    const p50 = [];
    for (const index of files.keys()) p50.push(rounded(median([await at(index), await at(index), await at(index)])));
    this.curves[name] = { files, p50 };
  }

  /** @param {Row} row @param {number[]} values of the rounds */
  record({ name, goal, better }, values) {
    const ratio = rounded(median(values));
    const holds = better === 'higher' ? ratio >= goal : ratio <= goal;
    const result = { name, ratio, spread: rounded(spread(values)), goal, better, holds };
    if (!Number.isFinite(ratio)) throw new Error(`${name}: nothing was measured`);
    this.results.push(result);
    this.#print(result);
  }
}

function rounded(value) {
  return Number(value.toPrecision(3));
}
