import { Camera, CameraOff, Flashlight, FlashlightOff, SwitchCamera } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type CameraFailure, type Facing, hasTorch, makeDecoder, openCamera, setTorch } from "~/core/camera";

const FRAME_PAUSE_MILLISECONDS = 120;

const FAILURES: Record<CameraFailure, string> = {
  denied:
    "This page may not use the camera. Allow it in the browser: the lock or camera sign beside the address, then try again.",
  missing: "No camera was found on this device. Codes can be typed below.",
  busy: "Another app is using the camera. Close it, then try again.",
  insecure: "The camera works only over https. Open the door link with https.",
  failed: "The camera did not start.",
  unreadable: "This browser cannot read codes from the camera here. Codes can be typed below.",
};

interface CameraViewProps {
  onCode: (code: string) => void;
}

function useCamera(onCode: (code: string) => void, facing: Facing) {
  const video = useRef<HTMLVideoElement>(null);
  const report = useRef(onCode);
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [failure, setFailure] = useState<CameraFailure | null>(null);
  report.current = onCode;
  useEffect(() => {
    let isOver = false;
    let close = () => undefined as unknown;
    const run = async () => {
      const opened = await openCamera(facing);
      if (typeof opened === "string") {
        if (!isOver) setFailure(opened);
        return;
      }
      const stop = () => {
        for (const track of opened.getTracks()) track.stop();
      };
      if (isOver) return stop();
      const decoder = await makeDecoder();
      close = () => {
        stop();
        decoder.close();
      };
      const screen = video.current;
      if (isOver || !screen) return void close();
      setFailure(null);
      setStream(opened);
      screen.srcObject = opened;
      await screen.play().catch(() => undefined);
      while (!isOver) {
        const isShowing = screen.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden;
        const reading = isShowing ? await decoder.read(screen) : null;
        if (isOver) break;
        if (reading?.isBroken) {
          close();
          setStream(null);
          return setFailure("unreadable");
        }
        if (reading?.text) report.current(reading.text);
        await new Promise((done) => setTimeout(done, FRAME_PAUSE_MILLISECONDS));
      }
    };
    void run();
    return () => {
      isOver = true;
      close();
      setStream(null);
    };
  }, [facing]);
  return { video, stream, failure };
}

/** A new attempt or the other camera is a new screen, so that nothing of the old stream stays. */
export function CameraView({ onCode }: CameraViewProps) {
  const [facing, setFacing] = useState<Facing>("environment");
  const [attempt, setAttempt] = useState(0);
  return (
    <Screen
      key={`${facing}-${attempt}`}
      facing={facing}
      onCode={onCode}
      onRetry={() => setAttempt(attempt + 1)}
      onFlip={() => setFacing(facing === "environment" ? "user" : "environment")}
    />
  );
}

interface ScreenProps extends CameraViewProps {
  facing: Facing;
  onRetry: () => void;
  onFlip: () => void;
}

function Screen({ facing, onCode, onRetry, onFlip }: ScreenProps) {
  const [isLit, setLit] = useState(false);
  const { video, stream, failure } = useCamera(onCode, facing);
  return (
    <div className="camera">
      <video ref={video} muted playsInline aria-label="Camera picture" />
      {stream ? <div className="camera-frame" aria-hidden="true" /> : null}
      {failure ? (
        <div className="camera-note" role="alert">
          <CameraOff className="icon icon-xl" aria-hidden="true" />
          <p>{FAILURES[failure]}</p>
          {["missing", "insecure", "unreadable"].includes(failure) ? null : (
            <button type="button" className="btn btn-secondary" onClick={onRetry}>
              Try again
            </button>
          )}
        </div>
      ) : null}
      {!stream && !failure ? (
        <div className="camera-note">
          <Camera className="icon icon-xl" aria-hidden="true" />
          <p>Starting the camera…</p>
        </div>
      ) : null}
      {stream ? (
        <div className="camera-tools">
          {hasTorch(stream) ? (
            <button
              type="button"
              className="btn btn-secondary btn-icon"
              aria-label="Light"
              aria-pressed={isLit}
              onClick={() => {
                setLit(!isLit);
                void setTorch(stream, !isLit);
              }}
            >
              {isLit ? <FlashlightOff aria-hidden="true" /> : <Flashlight aria-hidden="true" />}
            </button>
          ) : null}
          <button type="button" className="btn btn-secondary btn-icon" aria-label="Other camera" onClick={onFlip}>
            <SwitchCamera aria-hidden="true" />
          </button>
        </div>
      ) : null}
    </div>
  );
}
