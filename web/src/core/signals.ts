// Sound, vibration and a screen that stays on: the verdict must reach a person who looks at the guest, not at the phone.
import type { Tone } from "./door";

const NOTES: Record<Tone, readonly [number, number][]> = {
  admitted: [
    [880, 0.08],
    [1320, 0.12],
  ],
  again: [
    [520, 0.12],
    [520, 0.12],
  ],
  refused: [[180, 0.45]],
};
const BUZZ: Record<Tone, number[]> = { admitted: [60], again: [80, 60, 80], refused: [300] };
const LOUDNESS = 0.2;
const GAP_SECONDS = 0.04;

let audio: AudioContext | null = null;

export function signal(tone: Tone) {
  navigator.vibrate?.(BUZZ[tone]);
  try {
    audio ??= new AudioContext();
    void audio.resume();
    let at = audio.currentTime;
    for (const [frequency, seconds] of NOTES[tone]) {
      const oscillator = audio.createOscillator();
      const gain = audio.createGain();
      oscillator.type = tone === "refused" ? "square" : "sine";
      oscillator.frequency.value = frequency;
      gain.gain.setValueAtTime(LOUDNESS, at);
      gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(at);
      oscillator.stop(at + seconds);
      at += seconds + GAP_SECONDS;
    }
  } catch {
    // Without sound the colour, the word and the icon still say it.
  }
}

/** Keeps the screen on while the page is visible; returns how to stop. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  let isOver = false;
  const take = async () => {
    if (isOver || document.visibilityState !== "visible") return;
    lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
    if (isOver) void lock?.release();
  };
  const onVisible = () => void take();
  document.addEventListener("visibilitychange", onVisible);
  void take();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", onVisible);
    void lock?.release();
  };
}
