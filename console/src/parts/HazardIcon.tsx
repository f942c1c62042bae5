import type { Hazard, Severity } from "../data/contract";
import { Mark } from "../look/icons";
import { t } from "../words/words";

/** The mark of a hazard as the map draws it, with its words for who does not see it. */
export function HazardIcon({ hazard, severity, size }: { hazard: Hazard; severity: Severity; size?: string }) {
  const label = `${t(`hazard.${hazard}`)}, ${t(`severity.${severity}`)}`;
  return <Mark hazard={hazard} severity={severity} label={label} {...(size ? { size } : {})} />;
}
