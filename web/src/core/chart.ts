// The pure part of the sales chart.

export interface ChartDay {
  date: string;
  value: number;
}

const DAY_MILLISECONDS = 86_400_000;

/** A round number at or above the largest value, so that four grid lines fall on whole, readable figures. */
export function niceMaximum(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value / 4));
  const steps = [1, 2, 2.5, 5, 10].map((factor) => factor * power);
  const step = steps.find((candidate) => candidate * 4 >= value && Number.isInteger(candidate));
  return (step ?? 10 * power) * 4;
}

/** The last `length` days up to `today` ("2026-11-21"); days without sales are zero. */
export function lastDays(known: readonly ChartDay[], today: string, length: number): ChartDay[] {
  const values = new Map(known.map((day) => [day.date, day.value]));
  const end = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length }, (_, index) => {
    const date = new Date(end - (length - 1 - index) * DAY_MILLISECONDS).toISOString().slice(0, 10);
    return { date, value: values.get(date) ?? 0 };
  });
}
