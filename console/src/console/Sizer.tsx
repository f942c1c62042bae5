import { useEffect, useRef } from "preact/hooks";

const LIMITS = { lists: [20, 42, 27], drawer: [22, 60, 31] } as const;
const STEP_REM = 1;

/** The bar between two panes: drag it, or move it by arrow keys. The width is kept on this device. */
export function Sizer({ name, label }: { name: keyof typeof LIMITS; label: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const [least, most, usual] = LIMITS[name];
  const width = useRef(kept(name) ?? usual);
  const set = (rem: number) => {
    width.current = Math.max(least, Math.min(most, rem));
    document.documentElement.style.setProperty(`--${name}-width`, `${width.current}rem`);
    frame.current?.setAttribute("aria-valuenow", String(Math.round(width.current)));
  };
  const keep = () => {
    try {
      localStorage.setItem(`width-${name}`, String(width.current));
    } catch {
      // Then it holds until the page is closed.
    }
  };
  useEffect(() => set(width.current), []);
  const side = name === "lists" ? 1 : -1;
  return (
    <div
      ref={frame}
      class="sizer"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={Math.round(width.current)}
      onPointerDown={(event) => {
        const from = event.clientX;
        const began = width.current;
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
        const bar = event.currentTarget;
        bar.setPointerCapture(event.pointerId);
        const drag = (move: PointerEvent) => set(began + (side * (move.clientX - from)) / rem);
        bar.addEventListener("pointermove", drag);
        bar.addEventListener(
          "pointerup",
          () => {
            bar.removeEventListener("pointermove", drag);
            keep();
          },
          { once: true },
        );
      }}
      onDblClick={() => {
        set(usual);
        keep();
      }}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -STEP_REM, ArrowRight: STEP_REM }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        set(width.current + side * step);
        keep();
      }}
    />
  );
}

function kept(name: string): number | null {
  try {
    const width = Number(localStorage.getItem(`width-${name}`));
    return width > 0 ? width : null;
  } catch {
    return null;
  }
}
