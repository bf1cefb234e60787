import type { CSSProperties } from "react";

const HUES = [
  [264, "Blue"],
  [290, "Violet"],
  [325, "Magenta"],
  [0, "Rose"],
  [25, "Red"],
  [50, "Orange"],
  [80, "Amber"],
  [120, "Lime"],
  [150, "Green"],
  [180, "Teal"],
  [210, "Cyan"],
  [235, "Sky"],
] as const;

/** Twelve hues to pick from; every one keeps text readable. */
export function HueField({ hue, onPick }: { hue: number; onPick: (hue: number) => void }) {
  // A hue that the API set, and that is none of the twelve, can be seen and kept.
  const isListed = HUES.some(([value]) => value === hue);
  const offered = isListed ? HUES : [...HUES, [hue, "As it is"] as const];
  return (
    <fieldset className="field">
      <legend className="label mb-1.5">Colour of the event page</legend>
      <div className="cluster gap-2.5">
        {offered.map(([value, name]) => (
          <input
            key={value}
            type="radio"
            name="hue"
            className="swatch hue"
            style={{ "--h": value } as CSSProperties}
            aria-label={name}
            title={name}
            checked={hue === value}
            onChange={() => onPick(value)}
          />
        ))}
      </div>
    </fieldset>
  );
}
