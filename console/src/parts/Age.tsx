import { ago, dayAndTime, short } from "./spans";
import { tick } from "./tick";

/** How old something is, counting on. `stale`: from how many milliseconds on it is marked as old. */
export function Age({ at, stale, brief = false }: { at: string | null | undefined; stale?: number; brief?: boolean }) {
  if (!at) return null;
  const age = tick.value - Date.parse(at);
  const old = stale !== undefined && age > stale;
  return (
    <time class={old ? "age age-stale figures" : "age figures"} dateTime={at} title={dayAndTime(at)}>
      {brief ? short(age) : ago(age)}
    </time>
  );
}
