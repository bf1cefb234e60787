import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

export interface MenuEntry {
  key: string;
  label: ReactNode;
  icon?: ReactNode;
  isDanger?: boolean;
  onSelect: () => void;
}

export function Menu({ trigger, entries }: { trigger: ReactElement; entries: readonly MenuEntry[] }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="start">
          <Base.Popup className="menu">
            {entries.map((entry) => (
              <Base.Item
                key={entry.key}
                className={entry.isDanger ? "menu-item menu-item-danger" : "menu-item"}
                onClick={entry.onSelect}
              >
                {entry.icon}
                <span className="grow truncate">{entry.label}</span>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
