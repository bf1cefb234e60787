import { Link, type LinkProps, useRouterState } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";

export interface NavEntry {
  label: string;
  icon: LucideIcon;
  link: LinkProps;
}

interface ShellProps {
  head: ReactNode;
  entries: readonly NavEntry[];
  foot: ReactNode;
  children: ReactNode;
}

/** Sidebar on desks, top bar with tabs on phones; the main region gets the focus after a move, for screen readers. */
export function Shell({ head, entries, foot, children }: ShellProps) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const first = useRef(path);
  useEffect(() => {
    if (first.current !== path) main.current?.focus({ preventScroll: true });
    first.current = path;
  }, [path]);
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="topbar">
        <div className="topbar-row">
          <div className="grow">{head}</div>
          {foot}
        </div>
        <nav className="tabs" aria-label="Sections">
          {entries.map((entry) => (
            <Link
              key={entry.label}
              className="tab"
              activeOptions={{ exact: true, includeSearch: false }}
              {...entry.link}
            >
              {entry.label}
            </Link>
          ))}
        </nav>
      </header>
      <aside className="sidebar" aria-label="Navigation">
        <div className="mb-2">{head}</div>
        <nav className="stack stack-xs gap-0.5" aria-label="Sections">
          {entries.map((entry) => (
            <Link
              key={entry.label}
              className="nav-item"
              activeOptions={{ exact: true, includeSearch: false }}
              {...entry.link}
            >
              <entry.icon aria-hidden="true" />
              {entry.label}
            </Link>
          ))}
        </nav>
        <div className="mt-auto flex items-center gap-1">{foot}</div>
      </aside>
      <main id="main" ref={main} tabIndex={-1} className="min-w-0 outline-none">
        {children}
      </main>
    </div>
  );
}
