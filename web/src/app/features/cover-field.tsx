import { ImagePlus } from "lucide-react";
import { useRef } from "react";
import { call } from "~/core/api";
import type { Event, Media } from "~/core/types";
import { Cover } from "../ui/cover";
import { ProblemAlert } from "../ui/states";
import { useAction } from "./action";
import { useEvent } from "./event-context";
import { organisationPath } from "./queries";

/** Uploads at once and puts the picture on the event; removing brings the gradient back. */
export function CoverField() {
  const { base, event, organisation } = useEvent();
  const picker = useRef<HTMLInputElement>(null);
  const refresh = [["event", event.id], ["events"]];
  const attach = (cover_id: string | null) =>
    call<Event>(base, { method: "PATCH", json: { cover_id }, ifMatch: event.version });
  const upload = useAction({
    isForm: true,
    says: "Cover saved.",
    refresh,
    run: async (file: File) => {
      const body = new FormData();
      body.append("file", file);
      const media = await call<Media>(`${organisationPath(organisation.id)}/media`, { method: "POST", body });
      return attach(media.id);
    },
  });
  const remove = useAction({ isForm: true, says: "Cover removed.", refresh, run: (_: string) => attach(null) });
  const problem = upload.problem ?? remove.problem;
  return (
    <section className="card card-body-lg stack" aria-label="Cover">
      {problem ? <ProblemAlert problem={problem} /> : null}
      <Cover event={event} className="cover-hero" />
      <div className="split flex-wrap">
        <p className="hint">
          {event.cover ? "JPEG, PNG or WebP, at least 1200 wide." : "Without a picture the page shows this gradient."}
        </p>
        <div className="cluster">
          {event.cover ? (
            <button
              type="button"
              className="btn btn-ghost btn-sm"
              aria-busy={remove.isBusy}
              onClick={() => remove.start(event.id)}
            >
              Remove
            </button>
          ) : null}
          <button
            type="button"
            className="btn btn-secondary btn-sm"
            aria-busy={upload.isBusy}
            onClick={() => picker.current?.click()}
          >
            <ImagePlus aria-hidden="true" /> {event.cover ? "Replace cover" : "Upload cover"}
          </button>
        </div>
      </div>
      <input
        ref={picker}
        type="file"
        hidden
        aria-label="Cover picture"
        accept="image/jpeg,image/png,image/webp"
        onChange={(change) => {
          const file = change.target.files?.[0];
          if (file) upload.start(file);
          change.target.value = "";
        }}
      />
    </section>
  );
}
