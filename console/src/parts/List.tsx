import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface ListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** Height of every row, in rem: only rows in sight are in the page, so that thousands cost what thirty do. */
  readonly rem: number;
  readonly label: string;
  readonly picked: string | null;
  readonly onPick: (item: T) => void;
  /** Enter, or a second click: go to work on it. */
  readonly onOpen?: (item: T) => void;
  readonly row: (item: T) => ComponentChildren;
  readonly empty: ComponentChildren;
}

const SPARE = 6;

/** A list to pick one from: one tab stop, arrows move, only what is in sight is drawn. */
export function List<T>(props: ListProps<T>): VNode {
  const { items, keyOf, rem, label, picked, onPick, onOpen, row, empty } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  const step = rem * rootPx();
  const at = picked === null ? -1 : items.findIndex((item) => keyOf(item) === picked);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const look = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [items.length === 0]);

  // What was picked (here, on the map, by a key) comes into sight; rows that only move do not drag the list along.
  useEffect(() => {
    const element = frame.current;
    if (!element || at < 0) return;
    const top = at * step;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + step > element.scrollTop + element.clientHeight) element.scrollTop = top + step - element.clientHeight;
  }, [picked]);

  if (items.length === 0) return <div class="list-empty">{empty}</div>;

  const first = Math.max(0, Math.floor(seen.top / step) - SPARE);
  const last = Math.min(items.length, Math.ceil((seen.top + seen.height) / step) + SPARE);
  const rows: number[] = [];
  for (let n = first; n < last; n++) rows.push(n);
  // The active row must exist for aria-activedescendant, also when it has been scrolled away.
  if (at >= 0 && (at < first || at >= last)) rows.push(at);

  const go = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(seen.height / step) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1, PageDown: at + page, PageUp: at - page }[
      event.key
    ];
    if (to !== undefined) {
      const item = items[Math.max(0, Math.min(items.length - 1, to))];
      if (item !== undefined) onPick(item);
    } else if (event.key === "Enter" && at >= 0) {
      const item = items[at];
      if (item !== undefined) onOpen?.(item);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      class="list"
      ref={frame}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={at < 0 ? undefined : rowId(keyOf(items[at] as T))}
      onKeyDown={go}
    >
      <div class="list-all" role="presentation" style={{ height: `${items.length * step}px` }}>
        {rows.map((n) => {
          const item = items[n] as T;
          const key = keyOf(item);
          return (
            <div
              key={key}
              id={rowId(key)}
              role="option"
              class="row"
              aria-selected={n === at}
              aria-posinset={n + 1}
              aria-setsize={items.length}
              style={{ transform: `translateY(${n * step}px)`, height: `${step}px` }}
              onClick={() => (n === at ? (onOpen ?? onPick)(item) : onPick(item))}
            >
              {row(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function rowId(key: string): string {
  return `row-${key}`;
}

function rootPx(): number {
  return typeof document === "undefined" ? 16 : parseFloat(getComputedStyle(document.documentElement).fontSize);
}
