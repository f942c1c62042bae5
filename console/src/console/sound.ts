/**
 * The sound of new danger, made by the page itself; and a mute that runs out.
 *
 * Browsers let a page sound only after somebody has touched it: `blocked` says so until then.
 */
import { computed, signal } from "@preact/signals";
import { tick } from "../parts/tick";

export type Level = "Severe" | "Extreme";

/** Until when there is no sound, by the page's clock; kept over reloads, never for longer than an hour. */
export const mutedUntil = signal(kept());
/** Whether the browser still holds the sound back. */
export const blocked = signal(true);

/** Milliseconds until sound comes back; 0 when it is on. */
export const mutedMs = computed(() => {
  void tick.value;
  return Math.max(0, mutedUntil.value - Date.now());
});

const LONGEST_MS = 60 * 60_000;

function kept(): number {
  try {
    const until = Number(localStorage.getItem("muted-until"));
    return until - Date.now() <= LONGEST_MS ? until : 0;
  } catch {
    return 0;
  }
}

export function mute(minutes: number): void {
  mutedUntil.value = minutes === 0 ? 0 : Date.now() + minutes * 60_000;
  try {
    localStorage.setItem("muted-until", String(mutedUntil.value));
  } catch {
    // Then the mute ends with the page.
  }
}

let audio: AudioContext | null = null;

/** Ask the browser for sound at the first touch. */
export function unlockSound(): void {
  const unlock = () => {
    try {
      audio ??= new AudioContext();
      void audio.resume().then(() => (blocked.value = audio?.state !== "running"));
    } catch {
      // A browser without sound: the button keeps saying so.
    }
  };
  addEventListener("pointerdown", unlock);
  addEventListener("keydown", unlock);
  blocked.subscribe((held) => {
    if (held) return;
    removeEventListener("pointerdown", unlock);
    removeEventListener("keydown", unlock);
  });
}

/** Tones as [hertz, begin s, length s]. Extreme rises three times, twice; Severe is two notes. */
const TONES: Readonly<Record<Level, readonly (readonly [number, number, number])[]>> = {
  Severe: [
    [660, 0, 0.18],
    [880, 0.22, 0.3],
  ],
  Extreme: [0, 0.75].flatMap((at) => [
    [740, at, 0.16] as const,
    [932, at + 0.18, 0.16] as const,
    [1175, at + 0.36, 0.28] as const,
  ]),
};

/** Sound an alarm, unless it is muted. */
export function sound(level: Level): void {
  if (mutedMs.peek() > 0 || audio === null || audio.state !== "running") return;
  play(level);
}

/** Sound it whatever is muted: somebody asked to hear it. */
export function play(level: Level): void {
  if (audio === null) return;
  const start = audio.currentTime + 0.02;
  for (const [hertz, at, length] of TONES[level]) {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    tone.type = "triangle";
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0, start + at);
    loud.gain.linearRampToValueAtTime(0.35, start + at + 0.02);
    loud.gain.setValueAtTime(0.35, start + at + length - 0.05);
    loud.gain.linearRampToValueAtTime(0, start + at + length);
    tone.connect(loud).connect(audio.destination);
    tone.start(start + at);
    tone.stop(start + at + length + 0.02);
  }
}
