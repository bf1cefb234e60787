// Reads a QR code from a video frame, off the main thread.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";

prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });

async function read(frame: ImageBitmap): Promise<string | null> {
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(frame, 0, 0);
  frame.close();
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  const [found] = await readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: false });
  return found?.text ?? null;
}

self.onmessage = (event: MessageEvent<ImageBitmap>) => {
  read(event.data).then(
    (text) => self.postMessage({ text, isBroken: false }),
    () => self.postMessage({ text: null, isBroken: true }),
  );
};
