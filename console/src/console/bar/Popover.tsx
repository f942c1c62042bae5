import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** A button and what it opens under itself; Esc and a click elsewhere close it and give focus back. */
export function Popover(props: {
  readonly open: Signal<boolean>;
  readonly button: ComponentChildren;
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  const { open, button, label, children } = props;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const shown = open.value;
  useEffect(() => {
    if (!shown) return;
    const away = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) open.value = false;
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [shown]);
  return (
    <div
      class={`popover ${props.class ?? ""}`}
      ref={frame}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open.value) return;
        event.stopPropagation();
        open.value = false;
        frame.current?.querySelector("button")?.focus();
      }}
    >
      <button
        type="button"
        class="button button-quiet"
        aria-expanded={shown}
        aria-controls={id}
        aria-label={label}
        title={label}
        onClick={() => (open.value = !shown)}
      >
        {button}
      </button>
      {shown ? (
        <div class="popover-body" id={id} role="group" aria-label={label}>
          {children}
        </div>
      ) : null}
    </div>
  );
}
