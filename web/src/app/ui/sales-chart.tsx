import { useId, useLayoutEffect, useRef, useState } from "react";
import { type ChartDay, niceMaximum } from "~/core/chart";
import { LOCALE } from "~/core/format";

interface SalesChartProps {
  days: readonly ChartDay[];
  format: (value: number) => string;
  label: string;
}

const HEIGHT = 220;
const TOP = 8;
const BOTTOM = 24;
const LEFT = 52;

function dayText(date: string): string {
  return new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { frame, width };
}

export function SalesChart({ days, format, label }: SalesChartProps) {
  const { frame, width } = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const title = useId();
  const top = niceMaximum(Math.max(0, ...days.map((day) => day.value)));
  const x = (index: number) => LEFT + (index * (width - LEFT - 8)) / Math.max(1, days.length - 1);
  const y = (value: number) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const points = days.map((day, index) => `${x(index).toFixed(1)},${y(day.value).toFixed(1)}`).join(" ");
  const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(width / 96))));
  const chosen = at === null ? undefined : days[at];
  return (
    <div ref={frame} className="stack stack-sm">
      <p className="small muted min-h-5" aria-hidden="true">
        {chosen ? `${dayText(chosen.date)} · ${format(chosen.value)}` : ""}
      </p>
      <svg
        className="chart"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        height={HEIGHT}
        role="img"
        aria-labelledby={title}
        onPointerLeave={() => setAt(null)}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const share = (event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT - 8);
          setAt(Math.min(days.length - 1, Math.max(0, Math.round(share * (days.length - 1)))));
        }}
      >
        <title id={title}>{label}</title>
        {[0, 1, 2, 3, 4].map((step) => (
          <g key={step}>
            <line className="chart-grid" x1={LEFT} x2={width - 8} y1={y((top * step) / 4)} y2={y((top * step) / 4)} />
            <text x={LEFT - 8} y={y((top * step) / 4) + 4} textAnchor="end">
              {format((top * step) / 4)}
            </text>
          </g>
        ))}
        <polygon className="chart-area" points={`${LEFT},${y(0)} ${points} ${x(days.length - 1)},${y(0)}`} />
        <polyline className="chart-line" points={points} />
        {days.map((day, index) =>
          index % every === 0 ? (
            <text key={day.date} x={x(index)} y={HEIGHT - 4} textAnchor={index === 0 ? "start" : "middle"}>
              {dayText(day.date)}
            </text>
          ) : null,
        )}
        {chosen && at !== null ? (
          <g>
            <line className="chart-cursor" x1={x(at)} x2={x(at)} y1={TOP} y2={y(0)} />
            <circle className="chart-dot" cx={x(at)} cy={y(chosen.value)} r={4} />
          </g>
        ) : null}
      </svg>
      <details className="small">
        <summary className="faint">View as table</summary>
        <table className="table mt-2" aria-label={label}>
          <tbody>
            {days
              .filter((day) => day.value > 0)
              .map((day) => (
                <tr key={day.date}>
                  <td>{dayText(day.date)}</td>
                  <td className="num">{format(day.value)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
