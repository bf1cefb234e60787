export function Brand() {
  return (
    <a className="brand" href="/">
      <svg className="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M6 8.5h12M12 8.5V17" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      </svg>
      Turnout
    </a>
  );
}
