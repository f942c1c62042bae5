import type { Severity as Level } from "../data/contract";
import { Icon, SEVERITIES } from "../look/icons";
import { t } from "../words/words";

/** How bad it is: shape, colour and word; `only="shape"` where the word stands elsewhere. */
export function Severity({ level, only }: { level: Level; only?: "shape" }) {
  const word = t(`severity.${level}`);
  return (
    <span class={`severity severity-${level}`}>
      <Icon key={level} sign={SEVERITIES[level]} size="1.05em" {...(only ? { label: word } : {})} />
      {only ? null : word}
    </span>
  );
}
