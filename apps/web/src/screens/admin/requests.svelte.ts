import { addressOf } from '../../state/place.js';

/** Milliseconds of the past that are shown. */
const PAST = 3_600_000;

/** Requests a minute, as the server's counters say while an admin looks on; nothing where it keeps none. */
class RequestHistory {
  points = $state.raw<{ time: number; value: number }[]>([]);
  readonly since = Date.now();
  private last?: { time: number; count: number };
  /** Whether the server counts at all: one that does not is asked only once. */
  private counted = true;

  async look(now = Date.now()): Promise<void> {
    const response = this.counted ? await fetch(addressOf('api/metrics')).catch(() => undefined) : undefined;
    if (response?.status === 404) this.counted = false;
    if (!response?.ok) return;
    const text = await response.text();
    const count = countOf(text);
    if (this.last && count >= this.last.count && now > this.last.time) {
      const value = ((count - this.last.count) * 60_000) / (now - this.last.time);
      this.points = [...this.points.filter(({ time }) => now - time < PAST), { time: now, value }];
    }
    this.last = { time: now, count };
  }
}

/** All requests that were answered, of a text in Prometheus' format. */
export function countOf(text: string): number {
  const lines = [...text.matchAll(/^\w*http_requests?\w*_(?:total|count)(?:\{[^}]*\})? ([\d.e+]+)$/gm)];
  return lines.reduce((sum, [, value]) => sum + Number(value), 0);
}

export const requestHistory = new RequestHistory();
