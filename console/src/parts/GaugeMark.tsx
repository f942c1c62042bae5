import type { Severity } from "../data/contract";
import { SEVERITIES, SIGNS } from "../look/icons";

/** A gauge over a mark, in the shape and colour of the mark's severity, as the map draws it. Words stand beside it. */
export function GaugeMark({ severity, size = "1.6em" }: { severity: Severity; size?: string }) {
  const word = severity.toLowerCase();
  const ring = severity === "Unknown";
  return (
    <svg viewBox="-1 -1 26 26" width={size} height={size} overflow="visible" aria-hidden="true">
      {ring ? <path d={SEVERITIES.Minor.d} fill="var(--panel)" /> : null}
      <path d={SEVERITIES[severity].d} fill={`var(--${word})`} fill-rule="evenodd" />
      <path
        d={SIGNS.gauge.d}
        fill={ring ? "var(--unknown)" : `var(--on-${word})`}
        fill-rule="evenodd"
        transform={ring ? "translate(6 6) scale(.5)" : "translate(5.4 5.4) scale(.55)"}
      />
    </svg>
  );
}
