import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";

interface OverlayProps {
  title: ReactNode;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  foot?: ReactNode;
}

function Overlay({ title, open, onClose, children, foot, className }: OverlayProps & { className: string }) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" forceRender />
        <Base.Popup className={className}>
          <div className="overlay-head">
            <Base.Title className="h2 truncate">{title}</Base.Title>
            <Base.Close className="btn btn-ghost btn-icon" aria-label="Close">
              <X aria-hidden="true" />
            </Base.Close>
          </div>
          <div className="overlay-body">{children}</div>
          {foot ? <div className="overlay-foot">{foot}</div> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** A form or a question; a bottom sheet on phones. */
export function Dialog(props: OverlayProps) {
  return <Overlay {...props} className="dialog" />;
}

/** Details beside the list they belong to. */
export function Panel(props: OverlayProps) {
  return <Overlay {...props} className="panel" />;
}
