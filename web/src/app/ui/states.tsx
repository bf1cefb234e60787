import type { UseQueryResult } from "@tanstack/react-query";
import { CircleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { asProblem, type FieldProblem, type Problem } from "~/core/problem";

function RequestId({ problem }: { problem: Problem }) {
  return problem.requestId ? (
    <p className="tiny">
      Request <code className="mono">{problem.requestId}</code>
    </p>
  ) : null;
}

export function ProblemAlert({
  problem,
  fields = problem.fields,
}: {
  problem: Problem;
  fields?: readonly FieldProblem[];
}) {
  return (
    <div className="alert alert-danger" role="alert" tabIndex={-1}>
      <CircleAlert aria-hidden="true" />
      <div className="grow">
        <p className="alert-title">{problem.message}</p>
        {fields.length > 0 ? (
          <ul>
            {fields.map((entry) => (
              <li key={entry.field}>{entry.message}</li>
            ))}
          </ul>
        ) : null}
        <RequestId problem={problem} />
      </div>
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asProblem(error);
  return (
    <div className="empty" role="alert">
      <CircleAlert aria-hidden="true" />
      <p className="empty-title">{problem.status === 404 ? "Not found" : "This did not load"}</p>
      <p>{problem.message}</p>
      <RequestId problem={problem} />
      {onRetry ? (
        <button type="button" className="btn btn-secondary" onClick={onRetry}>
          Try again
        </button>
      ) : null}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <Icon aria-hidden="true" />
      <p className="empty-title">{title}</p>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  );
}

/** The shape of rows to come; invisible for the first 200 ms, so that fast answers do not flicker. */
export function Rows({ count = 5 }: { count?: number }) {
  return (
    <div className="appear-late" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        <div key={`row-${String(index)}`} className="row-item">
          <div className="skeleton h-9 w-9" />
          <div className="grow stack stack-xs">
            <div className="skeleton w-2/5" />
            <div className="skeleton w-1/4" />
          </div>
        </div>
      ))}
    </div>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  waiting?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Skeleton, error with retry, or the content. Data that is there stays while a refresh fails. */
export function Loaded<T>({ query, waiting = <Rows />, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return waiting;
}
