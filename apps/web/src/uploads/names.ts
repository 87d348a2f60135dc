/** The name beside a taken one: `report.pdf`, `report (2).pdf`, `report (3).pdf` … */
export function another(name: string): string {
  const [, stem = name, count, extension = ''] = /^(.+?)(?: \((\d+)\))?(\.[^.]*)?$/s.exec(name) ?? [];
  return `${stem} (${Number(count ?? 1) + 1})${extension}`;
}
