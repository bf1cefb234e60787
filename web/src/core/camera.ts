// The camera and the reading of QR codes: the browser's own detector where there is one, else zxing in a worker.

/** What a frame held. A broken decoder never reads anything, so people must be told to type codes. */
export interface Reading {
  text: string | null;
  isBroken: boolean;
}

const NOTHING: Reading = { text: null, isBroken: false };
const BROKEN: Reading = { text: null, isBroken: true };

export interface Decoder {
  read: (video: HTMLVideoElement) => Promise<Reading>;
  close: () => void;
}

interface NativeDetector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}
interface NativeDetectorClass {
  new (options: { formats: string[] }): NativeDetector;
  getSupportedFormats: () => Promise<string[]>;
}

async function nativeDecoder(): Promise<Decoder | null> {
  const Detector = (globalThis as { BarcodeDetector?: NativeDetectorClass }).BarcodeDetector;
  if (!Detector) return null;
  const formats = await Detector.getSupportedFormats().catch((): string[] => []);
  if (!formats.includes("qr_code")) return null;
  const detector = new Detector({ formats: ["qr_code"] });
  return {
    read: async (video) => ({ ...NOTHING, text: (await detector.detect(video).catch(() => []))[0]?.rawValue ?? null }),
    close: () => undefined,
  };
}

function workerDecoder(): Decoder {
  const worker = new Worker(new URL("./qr.worker.ts", import.meta.url), { type: "module" });
  let answer: ((reading: Reading) => void) | null = null;
  const settle = (reading: Reading) => {
    answer?.(reading);
    answer = null;
  };
  worker.onmessage = (event: MessageEvent<Reading>) => settle(event.data);
  worker.onerror = () => settle(BROKEN);
  return {
    read: async (video) => {
      const frame = await createImageBitmap(video).catch(() => null);
      if (!frame) return NOTHING;
      return new Promise((done) => {
        answer = done;
        worker.postMessage(frame, [frame]);
      });
    },
    close: () => {
      settle(NOTHING);
      worker.terminate();
    },
  };
}

export async function makeDecoder(): Promise<Decoder> {
  return (await nativeDecoder()) ?? workerDecoder();
}

export type Facing = "environment" | "user";
export type CameraFailure = "denied" | "missing" | "busy" | "insecure" | "failed" | "unreadable";

export async function openCamera(facing: Facing): Promise<MediaStream | CameraFailure> {
  if (!navigator.mediaDevices?.getUserMedia) return "insecure";
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") return "denied";
    if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
    return name === "NotReadableError" ? "busy" : "failed";
  }
}

interface TorchSet extends MediaTrackConstraintSet {
  torch?: boolean;
}

export function hasTorch(stream: MediaStream): boolean {
  const track = stream.getVideoTracks()[0];
  const capabilities: MediaTrackCapabilities & { torch?: boolean } = track?.getCapabilities?.() ?? {};
  return capabilities.torch === true;
}

export async function setTorch(stream: MediaStream, on: boolean): Promise<void> {
  const light: TorchSet = { torch: on };
  await stream
    .getVideoTracks()[0]
    ?.applyConstraints({ advanced: [light] })
    .catch(() => undefined);
}
