import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { asProblem, type Problem } from "~/core/problem";
import { say, sayError } from "../ui/toast";

interface ActionOptions<Input, Output> {
  run: (input: Input, idempotencyKey: string) => Promise<Output>;
  /** Query keys that are read anew afterwards. */
  refresh?: readonly QueryKey[];
  says?: string;
  onDone?: (output: Output, input: Input) => void;
  /** A form shows the problem itself; a bare button says it in a toast. */
  isForm?: boolean;
}

export interface Action<Input> {
  start: (input: Input) => void;
  isBusy: boolean;
  problem: Problem | null;
  reset: () => void;
}

/** One write. A try that failed on the way is repeated with the same key, so that it happens once. */
export function useAction<Input, Output>(options: ActionOptions<Input, Output>): Action<Input> {
  const client = useQueryClient();
  const attempt = useRef({ key: "", input: "" });
  const mutation = useMutation({
    mutationFn: (input: Input) => {
      const text = JSON.stringify(input) ?? "";
      if (!attempt.current.key || attempt.current.input !== text) {
        attempt.current = { key: crypto.randomUUID(), input: text };
      }
      return options.run(input, attempt.current.key);
    },
    onSuccess: async (output, input) => {
      attempt.current.key = "";
      await Promise.all((options.refresh ?? []).map((queryKey) => client.invalidateQueries({ queryKey })));
      if (options.says) say(options.says);
      options.onDone?.(output, input);
    },
    onError: (error) => {
      const problem = asProblem(error);
      if (!problem.isRetryable) attempt.current.key = "";
      if (!options.isForm) sayError(problem.message);
    },
  });
  return {
    start: (input) => {
      if (!mutation.isPending) mutation.mutate(input);
    },
    isBusy: mutation.isPending,
    problem: mutation.error ? asProblem(mutation.error) : null,
    reset: mutation.reset,
  };
}
