import type { ComponentChildren, JSX } from "preact";
import { Icon, type SignName } from "../look/icons";

export interface ButtonProps extends Omit<JSX.IntrinsicElements["button"], "label"> {
  readonly tone?: "main" | "plain" | "quiet" | "danger";
  readonly sign?: SignName;
  /** The key that does the same, shown beside the words. */
  readonly shortcut?: string | undefined;
  /** Words when only the sign is shown. */
  readonly label?: string;
  readonly busy?: boolean;
  readonly children?: ComponentChildren;
}

/** A button; while `busy` it stands but does nothing, so that focus stays where it was. */
export function Button({ tone = "plain", sign, shortcut, label, busy, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${tone}${children === undefined ? " button-bare" : ""} ${String(rest.class ?? "")}`}
      aria-label={label ?? rest["aria-label"]}
      title={label ?? rest.title}
      aria-busy={busy ?? undefined}
      aria-disabled={busy || rest.disabled ? true : undefined}
      aria-keyshortcuts={shortcut}
      {...(busy ? {} : { onClick })}
    >
      {sign ? <Icon sign={sign} /> : null}
      {children === undefined ? null : <span class="button-words">{children}</span>}
      {/* Drawn by the style: the key is no part of the words that name the button. */}
      {shortcut ? <kbd aria-hidden="true" data-key={shortcut} /> : null}
    </button>
  );
}
